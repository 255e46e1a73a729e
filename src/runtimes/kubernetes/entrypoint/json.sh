# Bytes of standard input as the inside of a JSON string.
tp_json() {
  "$tp_bb" od -An -v -tx1 | "$tp_bb" awk 'BEGIN {
    for (i = 0; i < 256; i++) c[sprintf("%02x", i)] = i < 32 ? sprintf("\\u%04x", i) : sprintf("%c", i)
    c["22"] = "\\\""; c["5c"] = "\\\\"; c["0a"] = "\\n"; c["0d"] = "\\r"; c["09"] = "\\t"
  } { for (i = 1; i <= NF; i++) printf "%s", c[$i] }'
}

# Bytes, also in a shell that counts characters.
tp_size() { printf '%s' "$1" | "$tp_bb" wc -c; }
