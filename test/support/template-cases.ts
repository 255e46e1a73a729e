/** What the templates below are given as `.Values`. */
export const caseValues = `
text: plain
number: 1000000
float: 0.5
enabled: true
disabled: false
empty: ""
nothing: null
list: [b, 2, true]
none: []
map: {z: 1, a: {k: v}}
words: ["yes", "007", "1e3", "0x1f", "1_000", "12:30", "null", "~", "2001-01-01", "a: b", "it's", "#c", "x #c", "- a", "", "100m", "10.0.0.0/8",
  "a:b", "a:", "*", "{}", "0o7", "1.5", ".5", "+1", "y", "http://x:1/y", "1Gi", "a,b", "a<b", "--x=y", "@a", "%a", "a b", ".inf", "-", "e1"]
`;

/** Template, and what Go and Helm make of it: recorded from Helm 3.21, and asked again wherever there is a helm. */
export const templateCases: readonly (readonly [template: string, output: string])[] = [
  ['a {{ .Values.text }} b', 'a plain b'],
  ['a   {{- .Values.text -}}   b', 'aplainb'],
  ['a {{- /* a comment with }} in it? no: */ -}} b', 'ab'],
  ['a {{/* left */}} b', 'a  b'],
  ['{{ .Values.number }} {{ .Values.number | int }} {{ .Values.float }} {{ 12 }} {{ .Values.enabled }}', '1e+06 1000000 0.5 12 true'],
  ['[{{ .Values.nothing }}][{{ .Values.missing }}]', '[][]'],
  ['{{ "quoted \\"text\\" \\\\ and\\ttab" }} {{ `raw "text"` }}', 'quoted "text" \\ and\ttab raw "text"'],
  ['{{ .Values.list }} {{ .Values.map }}', '[b 2 true] map[a:map[k:v] z:1]'],
  ['{{ if .Values.enabled }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if .Values.disabled }}yes{{ else if .Values.text }}else{{ else }}no{{ end }}', 'else'],
  [
    '{{ if .Values.empty }}1{{ end }}{{ if .Values.none }}2{{ end }}{{ if .Values.nothing }}3{{ end }}{{ if 0 }}4{{ end }}{{ if .Values.map }}5{{ end }}',
    '5',
  ],
  ['{{ with .Values.map.a }}{{ .k }} {{ $.Values.text }}{{ end }}', 'v plain'],
  ['{{ with .Values.empty }}1{{ else }}{{ .Values.text }}{{ end }}', 'plain'],
  ['{{ with .Values.empty }}1{{ else with .Values.text }}{{ . }}{{ end }}', 'plain'],
  ['{{ range .Values.list }}<{{ . }}>{{ end }}', '<b><2><true>'],
  ['{{ range $i, $x := .Values.list }}{{ $i }}={{ $x }};{{ end }}', '0=b;1=2;2=true;'],
  ['{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }}', 'a=map[k:v];z=1;'],
  ['{{ range $x := .Values.list }}{{ $x }}{{ end }}{{ range .Values.none }}1{{ else }}none{{ end }}', 'b2truenone'],
  ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}', '32'],
  [
    '{{ define "hello" }}hello {{ . }}{{ end }}{{ include "hello" "you" }} {{ include "hello" .Values.text | quote }}',
    'hello you "hello plain"',
  ],
  [
    '{{ and .Values.enabled .Values.text }} {{ and .Values.empty .Values.missing.not.asked | quote }} {{ or .Values.empty .Values.text }} {{ not .Values.enabled }}',
    'plain "" plain false',
  ],
  ['{{ eq .Values.text "plain" }} {{ eq .Values.text "a" "plain" }} {{ ne .Values.text "plain" }}', 'true true false'],
  ['{{ (eq .Values.text "plain") | ternary "a" "b" }} {{ ternary "a" "b" .Values.disabled }}', 'a b'],
  [
    '{{ default "d" .Values.empty }} {{ .Values.text | default "d" }} {{ default "d" .Values.disabled }} {{ default 3 .Values.missing }}',
    'd plain d 3',
  ],
  [
    '{{ .Values.text | quote }} {{ quote .Values.number }} {{ quote .Values.nothing }} {{ quote 1 "b" }} {{ "a\\nb" | quote }}',
    '"plain" "1e+06"  "1" "b" "a\\nb"',
  ],
  ['{{ printf "%s-%d-%v-%q-%%" "a" 3 .Values.float "q" }}', 'a-3-0.5-"q"-%'],
  [
    '{{ trunc 3 "abcdef" }} {{ trunc -2 "abcdef" }} {{ trunc 9 "abc" }} {{ "name--" | trimSuffix "-" }} {{ "a.b.c" | replace "." "-" }} {{ contains "la" "plain" }}',
    'abc ef abc name- a-b-c true',
  ],
  [
    '{{ list 1 "b" | toJson }} {{ dict "b" 1 "a" (list) | toJson }} {{ toJson "<a&b>" }}',
    '[1,"b"] {"a":[],"b":1} "\\u003ca\\u0026b\\u003e"',
  ],
  ['{{ "a\\n\\nb" | indent 2 }}|{{ "a\\nb" | nindent 2 }}', '  a\n  \n  b|\n  a\n  b'],
  ['{{ toYaml .Values.map }}', 'a:\n  k: v\nz: 1'],
  [
    '{{ toYaml .Values.words }}',
    '- "yes"\n- "007"\n- "1e3"\n- "0x1f"\n- "1_000"\n- "12:30"\n- "null"\n- "~"\n- "2001-01-01"\n- \'a: b\'\n- it\'s\n- \'#c\'\n- \'x #c\'\n- \'- a\'\n- ""\n- 100m\n- 10.0.0.0/8\n- a:b\n- \'a:\'\n- \'*\'\n- \'{}\'\n- "0o7"\n- "1.5"\n- ".5"\n- "+1"\n- "y"\n- http://x:1/y\n- 1Gi\n- a,b\n- a<b\n- --x=y\n- \'@a\'\n- \'%a\'\n- a b\n- ".inf"\n- \'-\'\n- e1',
  ],
  [
    '{{ dict "l" (list (dict "a" 1 "b" (list 1 2)) (list) "x") "e" (dict) "n" nil | toYaml }}',
    'e: {}\nl:\n- a: 1\n  b:\n  - 1\n  - 2\n- []\n- x\n"n": null',
  ],
  [
    '{{ merge (dict "a" (dict "x" 1) "f" false "s" "") (dict "a" (dict "x" 2 "y" 3) "f" true "s" "t" "n" 4) | toJson }}',
    '{"a":{"x":1,"y":3},"f":true,"n":4,"s":"t"}',
  ],
  ['{{ $d := dict "a" 1 }}{{ $c := deepCopy $d }}{{ $_ := set $c "a" 2 }}{{ toJson $d }}{{ toJson $c }}', '{"a":1}{"a":2}'],
  [
    '{{ sha256sum "tappet" }} {{ "[1, 2]" | printf "{\\"a\\": %s}" | fromJson | toYaml }}',
    '6375c6bf07c34a68d348fe43f96fb14115f24a43d893e3dd1a932e553810f24f a:\n- 1\n- 2',
  ],
  ['{{ required "wanted" .Values.text }} {{ int "12" }} {{ int 3.7 }} {{ "x" | int }}', 'plain 12 3 0'],
  ['{{ .Values.map.a.k | printf "%s %s" "x" | quote }}', '"x v"'],
  ['{{- if and (not .Values.disabled) (or .Values.none (eq (.Values.number | int) 1000000)) }} deep {{ end -}} end', ' deep end'],
];
