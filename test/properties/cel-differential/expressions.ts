import fc from 'fast-check';

/** The types that expressions are generated of, over the variables of `variables.ts` and in the part of the language that the oracles share. */
type TypeName =
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'bool'
  | 'null'
  | 'ints'
  | 'strings'
  | 'map'
  | 'json'
  | 'timestamp'
  | 'duration';

const LEAVES: Readonly<Record<TypeName, readonly string[]>> = {
  int: ['0', '1', '2', '-1', '7', 'i', '9223372036854775807', '-9223372036854775808', '0x1F', '4294967296'],
  uint: ['0u', '1u', '3u', 'u', '18446744073709551615u', '0xFFu'],
  double: ['0.0', '1.5', '-2.25', 'd', '1e300', '-1e-7', '3.0', '9007199254740993.0', '.5'],
  string: [
    's',
    ...["''", "'a'", "'abc'", "'😀'", "'a😀b'", "'\\uFFFD'", "'10'", "'-7'", "'true'", "'1.5'", "r'\\d+'", "'\\x41\\n'", "'é'", "'1h'"],
    ...["'a.b'", "'''q'q'''", "'2024-02-29T23:59:59Z'"],
  ],
  bytes: ["b''", "b'a'", "b'\\xff'", "b'é'", 'b'],
  bool: ['true', 'false', 't'],
  null: ['null', 'n'],
  ints: ['[]', '[1]', '[1, 2, 3]', '[3, 1, 2]', 'l', '[0, -1]'],
  strings: ["['a', 'b']", "['']", "['😀', 'a']"],
  map: ["{'a': 1, 'b': 2}", "{'': 0}", 'm', "{'😀': 3, 'a': 1}", '{}'],
  json: ['body.a', 'body.b', "body['a']", 'body.a.b', 'body.a[0]', 'body.missing', 'dyn(body)'],
  timestamp: ["timestamp('2024-02-29T23:59:59Z')", "timestamp('1000-01-01T00:00:00.5Z')", "timestamp('9999-12-31T23:59:59Z')", 'ts'],
  duration: ["duration('1h')", "duration('-1.5s')", "duration('90m')", "duration('0s')"],
};

/** Literals whose type is left to how they are used; cel-go then settles for the first overload that would do. */
const UNTYPED: ReadonlySet<string> = new Set(['[]', '{}']);

/** A place is `@` and a type's name. `@any` takes an expression of whatever type. */
const FORMS: Readonly<Record<TypeName, readonly string[]>> = {
  int: [
    ...['@int + @int', '@int - @int', '@int * @int', '@int / @int', '@int % @int', '-@int', '@bool ? @int : @int'],
    ...['size(@string)', 'size(@bytes)', 'size(@ints)', 'size(@map)', '@string.size()', '@map.a', '@ints[@int]', '@map[@string]'],
    ...['int(@uint)', 'int(@double)', 'int(dyn(@string))', 'int(@timestamp)', 'int(@duration)', '@ints.map(v, v * 2)[@int]'],
    ...['@timestamp.getFullYear()', '@timestamp.getMonth()', '@timestamp.getDayOfYear()', '@timestamp.getDate()', '@timestamp.getHours()'],
    ...["@timestamp.getHours('-08:30')", '@timestamp.getDayOfWeek()', '@timestamp.getDayOfMonth()', '@timestamp.getMilliseconds()'],
    ...[
      '@duration.getSeconds()',
      '@duration.getMinutes()',
      '@duration.getHours()',
      '@string.indexOf(@string)',
      '@string.lastIndexOf(@string)',
    ],
  ],
  uint: [
    ...['@uint + @uint', '@uint - @uint', '@uint * @uint', '@uint / @uint', '@uint % @uint', '@bool ? @uint : @uint'],
    ...['uint(dyn(@int))', 'uint(dyn(@double))', 'uint(dyn(@string))'],
  ],
  double: [
    ...['@double + @double', '@double - @double', '@double * @double', '@double / @double', '-@double', '@bool ? @double : @double'],
    ...['double(@int)', 'double(@uint)', 'double(dyn(@string))'],
  ],
  string: [
    ...[
      '@string + @string',
      '@bool ? @string : @string',
      '@strings[@int]',
      'string(@int)',
      'string(@uint)',
      'string(@bool)',
      'string(@double)',
    ],
    ...['string(dyn(@bytes))', 'string(@timestamp)', 'string(@duration)', '@string.lowerAscii()', '@string.upperAscii()', '@string.trim()'],
    ...[
      '@string.replace(@string, @string)',
      '@string.replace(@string, @string, @int)',
      '@string.substring(@int)',
      '@string.substring(@int, @int)',
    ],
    ...['@string.charAt(@int)', '@strings.join()', '@strings.join(@string)', 'strings.quote(@string)'],
    ...["'%s %d'.format([@string, @int])", "'%x|%.2f'.format([@int, double((@int) % 10000) / 8.0])"],
  ],
  bytes: ['@bytes + @bytes', 'bytes(@string)', '@bool ? @bytes : @bytes'],
  bool: [
    ...['@bool && @bool', '@bool || @bool', '!@bool', '!!@bool', '@bool ? @bool : @bool', 'dyn(@any) == @any', 'dyn(@any) != @any'],
    ...['@int == @int', '@string == @string', '@ints == @ints', '@map == @map', '@double == @double', '@json == @json'],
    ...['@int < @int', '@uint <= @uint', '@double > @double', '@double >= @double', '@string < @string', '@string >= @string'],
    ...['@bytes < @bytes', '@bool < @bool', '@timestamp < @timestamp', '@duration >= @duration', '@int < dyn(@double)'],
    ...['dyn(@uint) > @int', 'dyn(@int) == @double', 'dyn(@uint) == @int', '@int in @ints', '@string in @strings', '@string in @map'],
    ...['dyn(@any) in @ints', 'dyn(@double) in @ints', 'has(@map.a)', 'has(@map.zz)', 'has(body.a)', 'has(body.missing.x)'],
    ...['@string.contains(@string)', '@string.startsWith(@string)', '@string.endsWith(@string)', "@string.matches('^a.*$')"],
    ...["@string.matches('[[:digit:]]+')", 'bool(dyn(@string))', '@ints.all(v, v > @int)', '@ints.exists(v, v == @int)'],
    ...['@ints.exists_one(v, v < @int)', '@ints.exists(v, 10 / v == @int)', '@ints.all(v, 10 % v < @int)', '@map.all(k, k != @string)'],
    ...[
      '@map.exists(k, size(k) == @int)',
      '@ints.all(v, @ints.exists(w, w == v))',
      '@strings.exists(v, v == @string)',
      '@json',
      'dyn(@any)',
    ],
    ...['type(@any) == type(@any)', 'type(@int) == int', 'type(@json) == string'],
  ],
  null: ['@bool ? null : null'],
  ints: [
    ...['@ints + @ints', '[@int, @int]', '@bool ? @ints : @ints', '@ints.map(v, v + @int)', '@ints.filter(v, v > @int)'],
    ...['@ints.map(v, v != @int, v - 1)', '@ints.map(v, @ints.map(w, v * w))[@int]', '@ints.filter(v, v % 2 == @int)'],
  ],
  strings: [
    ...['[@string]', '@strings + @strings', '@strings.map(v, v + @string)', '@strings.filter(v, v != @string)', '@string.split(@string)'],
    '@string.split(@string, @int)',
  ],
  map: ['{@string: @int}', "{'a': @int, @string: @int}", '@bool ? @map : @map'],
  json: ['@json.a', '@json.b', '@json[@string]', '@json[@int]', '@bool ? @json : @json', 'dyn(@any)'],
  timestamp: [
    ...['@timestamp + @duration', '@timestamp - @duration', '@duration + @timestamp', '@bool ? @timestamp : @timestamp'],
    ...['timestamp(dyn(@string))', 'timestamp(dyn(i % 1000000))'],
  ],
  duration: [
    ...['@duration + @duration', '@duration - @duration', '@timestamp - @timestamp', '@bool ? @duration : @duration'],
    ...['duration(dyn(@string))', 'duration(dyn(@int))'],
  ],
};

/** Fills the places of a form, with operands in parentheses or, if `bare`, without, which leaves it to precedence what they are. */
function fill(form: string, operands: readonly string[], bare: boolean): string {
  let next = 0;
  return form.replace(/@[a-z]+/g, () => {
    const operand = operands[next++] ?? '';
    return bare || /^[\w.]+$/.test(operand) ? operand : `(${operand})`;
  });
}

type Place = TypeName | 'any' | 'misfit';

/**
 * Expressions of any type. Those that are not `tidy` have now and then an operand of another type than its place asks for, hidden by `dyn`
 * from any checker, or operands without parentheses.
 */
export function expressions(tidy: boolean): fc.Arbitrary<string> {
  return fc.letrec<Record<Place, string>>((tie) => {
    const operand = (place: Place) =>
      tidy ? tie(place) : fc.oneof({ weight: 30, arbitrary: tie(place) }, { weight: 1, arbitrary: tie('misfit') });
    const composite = (form: string) => {
      const places = (form.match(/@[a-z]+/g) ?? []).map((place) => operand(place.slice(1) as Place));
      return fc
        .tuple(fc.tuple(...places), fc.integer({ min: 0, max: 9 }))
        .map(([operands, dice]) => fill(form, operands, !tidy && dice === 0));
    };
    const ofType = (type: TypeName) =>
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 2, arbitrary: fc.constantFrom(...LEAVES[type].filter((leaf) => !tidy || !UNTYPED.has(leaf))) },
        { weight: 3, arbitrary: fc.constantFrom(...FORMS[type]).chain(composite) },
      );
    const types = Object.keys(LEAVES) as TypeName[];
    const frequent: readonly TypeName[] = ['bool', 'int', 'string'];
    return {
      ...(Object.fromEntries(types.map((type) => [type, ofType(type)])) as Record<TypeName, fc.Arbitrary<string>>),
      misfit: tie('any').map((source) => `dyn(${source})`),
      any: fc.oneof(...types.map((type) => ({ weight: frequent.includes(type) ? 4 : 1, arbitrary: tie(type) }))),
    };
  }).any;
}
