# Prints what the steps have left as results once the last of them has ended: a JSON object a line, as upstream's sidecar does. What is larger than may be
# is named, with its size and without its value. Follows tektoncd/pipeline internal/sidecarlogresults.
#
#   busybox sh results-log -index STEPS -limit BYTES [-results A,B] [-step_results CONTAINER/A,CONTAINER/B] [-steps CONTAINER,CONTAINER]
#
# Comments and indentation are taken out before a pod gets it, and json.sh and turn.sh stand before it.

tp_root=/tekton
tp_index=0
tp_limit=4096
tp_results=
tp_step_results=
tp_steps=
tp_stopped=

# A file as a line, when it is there: type, name, file.
tp_line() {
  [ -f "$3" ] || return 0
  if ! [ -r "$3" ]; then echo "$3 may not be read"; return 0; fi
  tp_bytes=$("$tp_bb" wc -c < "$3")
  if [ "$tp_bytes" -le "$tp_limit" ]; then
    tp_text="{\"name\":\"$2\",\"type\":\"$1\",\"value\":\"$(tp_json < "$3")\"}"
    tp_bytes=$(tp_size "$tp_text")
    if [ "$tp_bytes" -le "$tp_limit" ]; then printf '%s\n' "$tp_text"; return 0; fi
  fi
  printf '{"name":"%s","type":"%s","bytes":%s,"limit":%s}\n' "$2" "$1" "$((tp_bytes))" "$tp_limit"
}

while [ $# -gt 0 ]; do
  case $1 in
  -root) tp_root=$2 ;;
  -index) tp_index=$2 ;;
  -limit) tp_limit=$2 ;;
  -results) tp_results=$2 ;;
  -step_results) tp_step_results=$2 ;;
  -steps) tp_steps=$2 ;;
  *) echo "the results' log does not know the flag $1"; exit 1 ;;
  esac
  shift 2
done
tp_bb=$tp_root/bin/bin/busybox
trap 'tp_stopped=1' TERM
tp_wait_turn || exit 143

IFS=,
set -f
for tp_name in $tp_results; do tp_line task "$tp_name" "$tp_root/results/$tp_name"; done
for tp_name in $tp_step_results; do
  tp_line step "${tp_name%%/*}.${tp_name#*/}" "$tp_root/steps/${tp_name%%/*}/results/${tp_name#*/}"
done
for tp_name in $tp_steps; do tp_line stepArtifact "$tp_name" "$tp_root/steps/$tp_name/artifacts/provenance.json"; done
tp_line taskArtifact provenance.json "$tp_root/artifacts/provenance.json"
# Who reads less than this has not got all.
echo '{"name":"","type":"end","value":""}'
exit 0
