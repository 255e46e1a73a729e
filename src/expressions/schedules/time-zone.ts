/**
 * The zone of an IANA name in any case, as the calculator knows it; `undefined` when there is none. Offsets (`+02:00`), which newer versions of Node
 * take for zones, are not: a place has summers.
 */
export function canonicalTimeZone(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** For an error about a name that is no zone: what would be one. */
export function similarTimeZones(name: string): readonly string[] {
  const place = lastPart(name);
  return Intl.supportedValuesOf('timeZone')
    .filter((zone) => lastPart(zone) === place)
    .slice(0, 3);
}

function lastPart(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[ -]/g, '_');
}
