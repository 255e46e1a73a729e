import { describe, expect, it } from 'vitest';
import { caseValues, templateCases } from '../../../test/support/template-cases.ts';
import { parseYaml } from '../../expressions/yaml/parse-yaml.ts';
import { parseTemplate } from './parse-template.ts';
import { renderTemplate } from './render-template.ts';
import { toValue } from './value.ts';

function render(text: string): string {
  const values = parseYaml(caseValues);
  const template = parseTemplate('case', text);
  const defines = new Map([...template.defines].map(([name, body]) => [name, { file: 'case', body }]));
  return renderTemplate(template, defines, new Map([['Values', toValue(values.ok ? values.value : undefined)]]));
}

describe('rendering a template', () => {
  it.each(templateCases)('as Go does: %s', (template, output) => {
    expect(render(template)).toBe(output);
  });

  it.each([
    ['a\n{{ .Values.text', 'case:2: this action does not end: expected }}'],
    ['{{ if .Values.enabled }}x', 'case:1: this {{if}} has no {{end}}'],
    ['\n\n{{ end }}', 'case:3: {{ end }} ends nothing'],
    ['{{ if .a }}{{ else }}{{ else }}{{ end }}', 'case:1: expected {{end}} of this {{if}}, got {{ else }}'],
    ['{{ define hello }}{{ end }}', 'case:1: expected {{define "name"}}, got {{define hello }}'],
    ['{{ range .Values.list }}{{ break }}{{ end }}', 'case:1: "break" is not known here; use include, if and range'],
    ['{{ }}', 'case:1: a value or a function is missing in {{ }}'],
    ['{{ (eq 1 1 }}', 'case:1: expected ) in {{ (eq 1 1 }}'],
    ['{{ .a ) }}', 'case:1: unexpected ) in {{ .a ) }}'],
    ['{{ .a ~ }}', 'case:1: cannot read "~ " in {{ .a ~ }}'],
    ['{{ $x }}', 'case:1: undefined variable $x'],
    ['{{ $x = 1 }}', 'case:1: undefined variable $x'],
    ['\n{{ .Values.text.more.fields }}', 'case:2: .Values.text.more: .Values.text is a string, expected a mapping'],
    ['{{ .Values.missing.field }}', 'case:1: .Values.missing.field: .Values.missing is nothing, expected a mapping'],
    ['{{ .Values.text 1 }}', 'case:1: .Values.text is no function and takes no arguments'],
    ['{{ include "other" . }}', 'case:1: there is no template "other"'],
    ['{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', 'case:1: "a" is included 100 times in itself'],
    ['{{ range .Values.text }}{{ end }}', 'case:1: range cannot go over "plain", expected a list or a mapping'],
    ['{{ required "name a host" .Values.empty }}', 'case:1: name a host'],
    ['{{ fail "it does not fit" }}', 'case:1: it does not fit'],
    ['{{ eq .Values.number 1 }}', 'case:1: incompatible types for comparison: number and bigint; convert one, e.g. with int'],
    ['{{ printf "%s %s" "a" }}', 'case:1: printf "%s %s": %s has no argument'],
    ['{{ printf "%x" 1 }}', 'case:1: printf "%x": %x is not known here; use %s, %d, %v or %q'],
    ['{{ set .Values.text "a" 1 }}', 'case:1: got plain, expected a mapping'],
  ])('says where and what: %s', (template, message) => {
    expect(() => render(template)).toThrow(expect.objectContaining({ code: 'InvalidTemplate', message }));
  });

  it('has no function but the listed ones, whatever JavaScript knows by the name', () => {
    for (const name of ['constructor', 'toString', 'eval', 'env', 'lookup', 'now'])
      expect(() => render(`{{ ${name} }}`)).toThrow(`there is no function "${name}" here`);
    expect(render('[{{ .Values.constructor }}{{ .Values.__proto__ }}]')).toBe('[]');
  });
});
