# Puts results of earlier steps in place of $(steps.S.results.R), with [i], .KEY or, for a whole word, [*]: in environment variables, then in the
# guards, then in the words of the command. A place that cannot be filled leaves itself and all behind it as written.
# The same as src/tasks/step-results.ts and step-when.ts, which local runtimes use; one set of tests holds both to it. Artifacts: artifacts.awk, which
# stands behind this in what a pod gets.
#
#   awk -f substitute -- ROOT RUN COUNT (env NAME | when in|notin N INPUT VALUE… | artifacts script|words | artifact-env NAME)… COMMAND…
#
# RUN is a folder to write to. COUNT words come before the command. Prints text for a shell to evaluate.

# Not by gsub: what a backslash means in its replacement is another thing in every awk.
function quoted(text, done, at) {
  done = ""
  while (at = index(text, "'")) {
    done = done substr(text, 1, at - 1) "'\\''"
    text = substr(text, at + 1)
  }
  return "'" done text "'"
}

function contents(file, text) {
  # A separator that is in no text: the whole file is one record.
  RS = "\001\002\003"
  text = ""
  if ((getline text < file) < 0) { missing = 1; return "" }
  close(file)
  return text
}

function blank() { while (at <= length(json) && index(" \t\r\n", substr(json, at, 1)) > 0) at++ }

function number(hex, value, i) {
  value = 0
  for (i = 1; i <= length(hex); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(hex, i, 1))) - 1
  return value
}

function utf8(code) {
  if (code < 128) return sprintf("%c", code)
  if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
  if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
  return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

# A string or null at the place reached; bad is set when there is none.
function scalar(text, c, code, low) {
  blank()
  if (substr(json, at, 4) == "null") { at += 4; return "" }
  if (substr(json, at, 1) != "\"") { bad = 1; return "" }
  text = ""
  for (at++; at <= length(json); at++) {
    c = substr(json, at, 1)
    if (c == "\"") { at++; return text }
    if (c < " ") break
    if (c != "\\") { text = text c; continue }
    c = substr(json, ++at, 1)
    if (c == "u") {
      if (substr(json, at + 1, 4) !~ /^[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]$/) break
      code = number(substr(json, at + 1, 4))
      at += 4
      if (code >= 55296 && code < 56320 && substr(json, at + 1, 2) == "\\u") {
        low = number(substr(json, at + 3, 4))
        if (low >= 56320 && low < 57344) { code = 65536 + (code - 55296) * 1024 + low - 56320; at += 6 }
      }
      text = text (code >= 55296 && code < 57344 ? "\357\277\275" : utf8(code))
    } else if (index("\"\\/", c) > 0) text = text c
    else if (index("bfnrt", c) > 0) text = text substr("\b\f\n\r\t", index("bfnrt", c), 1)
    else break
  }
  bad = 1
  return ""
}

# What a result is: sets kind (string, list, map) and value, or count and list[], or map[]. Follows src/expressions/variables/decode-param-value.ts.
function decode(text, first, key, c) {
  kind = "string"; value = text; count = 0; bad = 0; json = text; at = 1
  split("", list); split("", map)
  first = substr(text, 1, 1)
  if (first == "[" || first == "{") {
    at = 2
    blank()
    if (substr(json, at, 1) == (first == "[" ? "]" : "}")) at++
    else for (;;) {
      if (first == "[") list[++count] = scalar()
      else {
        blank()
        if (substr(json, at, 1) != "\"") { bad = 1; break }
        key = scalar()
        blank()
        if (substr(json, at++, 1) != ":") { bad = 1; break }
        map[key] = scalar()
      }
      blank()
      c = substr(json, at++, 1)
      if (bad || c != ",") { if (c != (first == "[" ? "]" : "}")) bad = 1; break }
    }
    blank()
    if (!bad && at > length(json)) kind = first == "[" ? "list" : "map"
    return
  }
  first = scalar()
  blank()
  if (!bad && at > length(json)) value = first
}

function fail(why) { failed = 1; warning = why; return "" }

# The result at the path of a reference, decoded.
function load(expression, step, result, text) {
  missing = 0
  text = contents(root "/steps/step-" step "/results/" result)
  if (missing) return fail(expression ": step \"" step "\" has written no result \"" result "\"")
  decode(text)
}

function one(expression, step, path, head, key, i, position) {
  i = index(path, ".")
  head = i ? substr(path, 1, i - 1) : path
  key = i ? substr(path, i + 1) : ""
  if (index(key, ".") > 0) return fail(expression ": expected $(steps.<step>.results.<result>), or one key behind it")
  position = ""
  if (match(head, /\[([0-9]+|\*)\]$/)) {
    position = substr(head, RSTART + 1, RLENGTH - 2)
    head = substr(head, 1, RSTART - 1)
  }
  load(expression, step, head)
  if (failed) return ""
  if (i) return kind == "map" && (key in map) ? map[key] : ""
  if (position == "*") return ""
  if (position == "") return kind == "string" ? value : ""
  if (kind != "list") count = 0
  if (position + 1 <= count) return list[position + 1]
  crash = expression ": index " position " is out of range, the result has " count " elements"
  return fail(crash)
}

function next_reference(text) { return match(text, /\$\(steps\.[^.() \t\r\n]+\.results\.[^() \t\r\n]+\)/) }

function step_of(expression) { return substr(expression, 9, index(substr(expression, 9), ".") - 1) }

function path_of(expression, i) {
  i = 9 + length(step_of(expression)) + length(".results.")
  return substr(expression, i, length(expression) - i)
}

function replaced(text, done, expression, start, size, part) {
  done = ""
  while (next_reference(text)) {
    start = RSTART; size = RLENGTH
    expression = substr(text, start, size)
    part = one(expression, step_of(expression), path_of(expression))
    if (failed) return ""
    done = done substr(text, 1, start - 1) part
    text = substr(text, start + size)
  }
  return done text
}

# A word may become several: into out[], from place to on. Returns how many.
function words(word, to, rest, expression, i) {
  for (rest = word; next_reference(rest); rest = substr(rest, RSTART + RLENGTH)) {
    expression = substr(rest, RSTART, RLENGTH)
    if (expression !~ /\[\*\]\)$/) continue
    if (expression != word) return fail("value must be in \"$(steps.<step-name>.results.<result-name>[*])\" format, when using array results: \"" word "\"") + 0
    i = path_of(expression)
    load(expression, step_of(expression), substr(i, 1, length(i) - 3))
    if (failed || kind != "list") return 0
    for (i = 1; i <= count; i++) out[to + i - 1] = list[i]
    return count
  }
  out[to] = replaced(word)
  return failed ? 0 : 1
}

function guard(i, operator, many, input, n, j, included) {
  operator = ARGV[i]; many = ARGV[i + 1]
  n = 0
  if (!failed) {
    input = replaced(ARGV[i + 2])
    for (j = 0; j < many && !failed; j++) n += words(ARGV[i + 3 + j], n)
  }
  if (failed) {
    # As written, as are all behind it.
    input = ARGV[i + 2]
    for (n = 0; n < many; n++) out[n] = ARGV[i + 3 + n]
  }
  included = 0
  # Text, whatever looks like a number.
  for (j = 0; j < n; j++) if (out[j] "" == input "") included = 1
  return (operator == "in") == included
}

function value_of(name) { return name in changed ? changed[name] : ENVIRON[name] }

BEGIN {
  root = ARGV[1]
  last = 3 + ARGV[3]
  skip = 0
  for (i = 4; i <= last; ) {
    if (ARGV[i] == "env") {
      if (!failed) {
        text = replaced(value_of(ARGV[i + 1]))
        if (!failed) changed[ARGV[i + 1]] = text
      }
      i += 2
    } else if (ARGV[i] == "when") {
      if (!guard(i + 1)) skip = 1
      i += 4 + ARGV[i + 2]
    } else break
  }
  # The command and its arguments as two lists, which for what is replaced is one.
  n = 0
  for (j = last + 1; j < ARGC && !failed; j++) n += words(ARGV[j], n)
  if (failed) for (n = 0; last + 1 + n < ARGC; n++) out[n] = ARGV[last + 1 + n]
  if (!skip && crash == "") for (; i <= last; i += 2) artifacts(ARGV[i], ARGV[i + 1])

  for (name in changed) {
    if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/) print "export " name "=" quoted(changed[name])
    else print "tp_odd=\"$tp_odd \"" quoted(quoted(name "=" changed[name]))
  }
  text = "set --"
  for (j = 0; j < n; j++) text = text " " quoted(out[j])
  print text
  if (skip) print "tp_skip=1"
  if (warning != "") print "tp_warning=" quoted(warning)
  if (crash != "") print "tp_crash=" quoted(crash)
  exit
}
