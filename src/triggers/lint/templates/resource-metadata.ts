import type { Finding } from '../finding.ts';

/** What keeps any object from being made of a template, as `manifests.ts` would say for each event. */
export function lintResourceMetadata(resource: Readonly<Record<string, unknown>>, path: string): readonly Finding[] {
  const error = (at: string, message: string): Finding => ({ severity: 'error', code: 'template-object', path: `${path}.${at}`, message });
  const { metadata } = resource;
  if (metadata === undefined || metadata === null) return [error('metadata', 'is missing: an object needs a name or a generateName')];
  if (typeof metadata !== 'object' || Array.isArray(metadata)) return [error('metadata', 'is no object')];
  const fields = new Map(Object.entries(metadata));
  const isText = (name: string): boolean => typeof fields.get(name) === 'string' && fields.get(name) !== '';
  const findings: Finding[] = [];
  if (!isText('name') && !isText('generateName'))
    findings.push(error('metadata', 'has neither name nor generateName: nothing can be created'));
  if (isText('name') && !String(fields.get('name')).includes('$(')) {
    const message = 'every event makes an object of this one name: only the first creates it; a generateName gives each its own';
    findings.push({ severity: 'warning', code: 'template-object', path: `${path}.metadata.name`, message });
  }
  const namespace = fields.get('namespace');
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    findings.push(error('metadata.namespace', 'is no text'));
  return [...findings, ...labelFindings(fields.get('labels'), error)];
}

function labelFindings(labels: unknown, error: (at: string, message: string) => Finding): readonly Finding[] {
  if (labels === undefined || labels === null) return [];
  if (typeof labels !== 'object' || Array.isArray(labels)) return [error('metadata.labels', 'is no object')];
  return Object.entries(labels).flatMap(([key, value]) => {
    return typeof value === 'string' ? [] : [error(`metadata.labels.${key}`, `is no text, but ${JSON.stringify(value)}: put it in quotes`)];
  });
}
