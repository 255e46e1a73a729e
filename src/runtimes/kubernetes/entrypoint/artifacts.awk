# Puts the JSON of an artifact's values in place of $(steps.S.inputs.NAME) and $(steps.S.outputs.NAME): in the words of the command, or in the script that it
# is, and then in environment variables. What cannot be filled leaves the words, or what is left of the variables, as written.
# The same as src/tasks/step-artifacts.ts, which local runtimes use; one set of tests holds both to it. Uses what substitute.awk has.

# A list or an object begins, and is not empty.
function begins(open, end) {
  blank()
  if (substr(json, at, 1) != open) { bad = 1; return 0 }
  at++
  blank()
  if (substr(json, at, 1) != end) return 1
  at++
  return 0
}

# Behind a member: whether there is another.
function more(end, c) {
  blank()
  c = substr(json, at++, 1)
  if (c != "," && c != end) bad = 1
  return !bad && c == ","
}

function text_at() {
  blank()
  if (substr(json, at, 1) == "\"") return scalar()
  bad = 1
  return ""
}

function key_at(key) {
  key = text_at()
  blank()
  if (substr(json, at++, 1) != ":") bad = 1
  return key
}

function word_at(pattern) {
  blank()
  if (match(substr(json, at, 64), pattern)) at += RLENGTH
  else bad = 1
}

# Whatever it is.
function pass(c) {
  blank()
  c = substr(json, at, 1)
  if (c == "\"") scalar()
  else if (c == "{") { if (begins("{", "}")) do { key_at(); pass() } while (more("}")) }
  else if (c == "[") { if (begins("[", "]")) do pass(); while (more("]")) }
  else word_at("^(true|false|null|-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?)")
}

function swapped(text, from, to, done, i) {
  done = ""
  while (i = index(text, from)) {
    done = done substr(text, 1, i - 1) to
    text = substr(text, i + length(from))
  }
  return done text
}

# As Go writes a string. Follows src/expressions/jsonpath/go-json.ts.
function go_text(text, i) {
  text = swapped(swapped(text, "\\", "\\\\"), "\"", "\\\"")
  text = swapped(swapped(swapped(text, "<", "\\u003c"), ">", "\\u003e"), "&", "\\u0026")
  text = swapped(swapped(text, "\342\200\250", "\\u2028"), "\342\200\251", "\\u2029")
  text = swapped(swapped(swapped(swapped(swapped(text, "\b", "\\b"), "\f", "\\f"), "\n", "\\n"), "\r", "\\r"), "\t", "\\t")
  for (i = 1; i < 32; i++) text = swapped(text, sprintf("%c", i), sprintf("\\u%04x", i))
  return "\"" text "\""
}

# By algorithm, in the order of their bytes.
function digest_at(names, digests, count, i, name, text) {
  count = 0
  if (begins("{", "}")) do {
    name = key_at()
    if (!(name in digests)) {
      for (i = ++count; i > 1 && names[i - 1] "" > name ""; i--) names[i] = names[i - 1]
      names[i] = name
    }
    digests[name] = text_at()
  } while (more("}"))
  text = ""
  for (i = 1; i <= count; i++) text = text (i > 1 ? "," : "") go_text(names[i]) ":" go_text(digests[names[i]])
  return "{" text "}"
}

function value_at(key, digest, uri) {
  digest = uri = ""
  if (begins("{", "}")) do {
    key = key_at()
    if (key == "digest") digest = "\"digest\":" digest_at()
    else if (key == "uri") uri = "\"uri\":" go_text(text_at())
    else pass()
  } while (more("}"))
  return "{" digest (digest != "" && uri != "" ? "," : "") uri "}"
}

function values_at(text) {
  text = ""
  if (begins("[", "]")) do text = text (text == "" ? "" : ",") value_at(); while (more("]"))
  return "[" text "]"
}

# Whether it is the one that is looked for; sets value then.
function artifact_at(wanted, key, is_it, its) {
  is_it = 0
  its = "null"
  if (begins("{", "}")) do {
    key = key_at()
    if (key == "name") is_it = text_at() == wanted
    else if (key == "values") its = values_at()
    else if (key == "buildOutput") word_at("^(true|false)")
    else pass()
  } while (more("}"))
  if (is_it) value = its
  return is_it
}

# What is of another type than it should be makes the whole file count for nothing.
function find(step, side, wanted, key, found, one) {
  missing = 0
  json = contents(root "/steps/step-" step "/artifacts/provenance.json")
  if (missing) return 0
  at = 1; bad = 0; found = 0
  if (begins("{", "}")) do {
    key = key_at()
    if (key == "inputs" || key == "outputs") {
      if (key == side) found = 0
      one = value
      if (begins("[", "]")) do {
        if (key == side && !found) { found = artifact_at(wanted); one = value }
        else artifact_at(wanted)
      } while (more("]"))
      value = one
    } else pass()
  } while (more("}"))
  blank()
  return found && !bad && at > length(json)
}

function with_artifacts(text, done, expression, start, size, part) {
  done = ""
  while (match(text, /\$\(steps\.[^.]+\.(inputs|outputs)\.[^.)]+\)/)) {
    start = RSTART; size = RLENGTH
    expression = substr(text, start, size)
    split(substr(expression, 9, size - 9), part, ".")
    if (!find(part[1], part[2], part[3])) {
      unknown = expression ": step \"" part[1] "\" has written no artifact of that name"
      return ""
    }
    done = done substr(text, 1, start - 1) value
    text = substr(text, start + size)
  }
  return done text
}

function artifacts(what, which, i, filled, copy) {
  if (unknown != "") return
  if (what == "artifact-env") {
    filled = with_artifacts(value_of(which))
    if (unknown == "") changed[which] = filled
  } else {
    for (i = 0; i < n && unknown == ""; i++) word[i] = with_artifacts(out[i])
    # A script is the only word there is, and is a file.
    if (which == "script" && n == 1 && unknown == "") {
      filled = with_artifacts(contents(out[0]))
      copy = ARGV[2] "/script"
      if (unknown == "") {
        printf "%s", filled > copy
        close(copy)
        print "\"$tp_bb\" chmod 755 " quoted(copy)
        word[0] = copy
      }
    }
    if (unknown == "") for (i = 0; i < n; i++) out[i] = word[i]
  }
  if (unknown != "") warning = warning (warning == "" ? "" : "; ") unknown
}
