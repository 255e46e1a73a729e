# Runs one step: waits for its turn, runs the command, tells what came of it. Started as the first process of a step's container by a static
# busybox, whatever image, user or root file system the container has. Follows tektoncd/pipeline cmd/entrypoint and pkg/entrypoint.
#
#   busybox sh entrypoint FLAGS -- COMMAND ARGS…
#
# The step's environment is ours, so every variable here begins with tp_ and no other is set. Nothing but builtins of POSIX shells is called by
# its bare name: the image may have no programs, or others. What follows is called in order by the last lines.
# Comments and indentation are taken out before a pod gets it, and json.sh and turn.sh stand before it.

tp_root=/tekton
tp_index=0
tp_container=
tp_on_error=stopAndFail
tp_timeout=
tp_results=
tp_step_results=
tp_stdout=
tp_stderr=
tp_dir=
tp_pause_before=
tp_pause_on_failure=
tp_skip=
tp_broken=
tp_substitute=
tp_credentials=
tp_limit=4096
tp_elsewhere=

# --- Telling ---------------------------------------------------------------------------------------------------------------------------

tp_entries=
# One entry of the termination message: key, type, and the JSON inside of its value.
tp_entry() { tp_entries="$tp_entries${tp_entries:+,}{\"key\":\"$1\",\"value\":\"$3\",\"type\":$2}"; }

tp_say() { tp_entry Message 3 "$(printf '%s' "$1" | tp_json)"; }

tp_now() {
  tp_time=$(echo | TZ=UTC0 "$tp_bb" ts '%Y-%m-%dT%H:%M:%.S' 2> /dev/null) && [ ${#tp_time} -gt 24 ] || tp_time=
  # Millionths of a second that a blank ends, cut to thousandths; or whole seconds where this busybox knows no better.
  if [ -n "$tp_time" ]; then tp_time=${tp_time%% *}; printf '%sZ' "${tp_time%???}"; else TZ=UTC0 "$tp_bb" date +%Y-%m-%dT%H:%M:%SZ; fi
}

# A result file as an entry, when it is there: file, key, type.
tp_report() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  # Beyond what a reader takes apart; not read at all.
  if [ "$("$tp_bb" wc -c < "$1")" -gt 131072 ]; then tp_too_large=$2; return 0; fi
  tp_entry "$2" "$3" "$(tp_json < "$1")"
}

tp_read_results() {
  tp_before=$tp_entries
  tp_too_large=
  IFS=,
  set -f
  if [ -z "$tp_elsewhere" ]; then
    for tp_name in $tp_results; do tp_report "$tp_root/results/$tp_name" "$tp_name" 1; done
    for tp_name in $tp_step_results; do tp_report "$tp_meta/results/$tp_name" "$tp_name" 4; done
    tp_report "$tp_meta/artifacts/provenance.json" "$tp_root/run/$tp_index/status/artifacts/provenance.json" 5
    tp_report "$tp_root/artifacts/provenance.json" "$tp_root/artifacts/provenance.json" 6
  fi
  set +f
  IFS=$tp_ifs
}

# Kubernetes cuts longer messages, and what is cut is no JSON.
tp_write_message() {
  tp_message="[$tp_entries]"
  if [ "$(tp_size "$tp_message")" -gt "$tp_limit" ]; then
    # A gzip stream begins with ten bytes that say nothing; readers stop before its checksum.
    tp_message="tknz:$(printf '%s' "$tp_message" | "$tp_bb" gzip -c | "$tp_bb" tail -c +11 | "$tp_bb" base64 | "$tp_bb" tr -d '\n=')"
  fi
  [ "$(tp_size "$tp_message")" -le "$tp_limit" ] && [ -z "${tp_too_large-}" ] || return 1
  printf '%s' "$tp_message" > "$tp_root/termination"
}

# The end: exit code, then `out` or `out.err` for those who wait. They are woken when we are gone, however we go.
tp_end() {
  if ! tp_write_message; then
    tp_entries=$tp_before
    tp_too_large=
    tp_say "Termination message is above max allowed size $tp_limit, caused by large task result."
    echo "Termination message is above max allowed size $tp_limit, caused by large task result." >&2
    tp_write_message
    set -- 1 out.err
  fi
  : > "$tp_run/$2"
  exit "$1"
}

tp_skipped() {
  tp_entry StartedAt 3 "$(tp_now)"
  tp_entry Reason 3 Skipped
}

tp_exit_code() { printf '%s' "$1" > "$tp_meta/exitCode"; }

# No process came to be, and none can be forgiven.
tp_not_runnable() {
  echo "$1" >&2
  tp_say "$1"
  tp_end "${2:-1}" out.err
}

# --- Signals ---------------------------------------------------------------------------------------------------------------------------

tp_stopped=
tp_timed_out=
tp_waiter=
# A step that is just being started looks for `stop` when it has written its process id.
tp_signal() {
  case $1 in
  TERM) tp_stopped=1; [ -p "$tp_run/ended" ] && : > "$tp_run/stop" ;;
  ALRM) tp_timed_out=1; : > "$tp_run/stop"; set -- KILL ;;
  esac
  if [ -s "$tp_run/pid" ]; then
    tp_pid=$("$tp_bb" cat "$tp_run/pid")
    kill -s "$1" -- "-$tp_pid" 2> /dev/null
  fi
}

tp_cancelled() {
  tp_entry Reason 3 Cancelled
  tp_exit_code killed
  tp_end 9 out.err
}

# A breakpoint: somebody looks at the step and says with a file how it goes on.
tp_pause() {
  until [ -e "$tp_run/$1" ] || [ -e "$tp_run/$1.err" ]; do
    tp_wait_for "$tp_bb" sleep 0.5 || return 1
  done
}

# --- Preparing -------------------------------------------------------------------------------------------------------------------------

# What a home cannot take it goes without: as upstream, a warning.
tp_copy_credentials() {
  for tp_name in .docker .gitconfig .git-credentials .ssh; do
    [ -e "$tp_root/creds-secrets/$tp_name" ] || continue
    for tp_home in "$tp_root/creds" "${HOME-}"; do
      [ -n "$tp_home" ] || continue
      ( umask 077
        "$tp_bb" cp -rL "$tp_root/creds-secrets/$tp_name" "$tp_home/" && "$tp_bb" chmod -R go-rwx "$tp_home/$tp_name" ) ||
        echo "credentials could not be copied to $tp_home" >&2
    done
  done
}

# As exec would find it: the shell's own search may take its applets for programs of the image.
tp_find() {
  tp_found=$1
  case $1 in
  */*) [ -f "$1" ] && [ -x "$1" ]; return ;;
  esac
  IFS=:
  set -f
  for tp_name in ${PATH-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}; do
    tp_found=${tp_name:-.}/$1
    [ -f "$tp_found" ] && [ -x "$tp_found" ] && break
    tp_found=
  done
  set +f
  IFS=$tp_ifs
  [ -n "$tp_found" ]
}

# A shell hands on no variable whose name it could not use itself: `my.var`, `a-b`. They are kept as words for env, quoted.
tp_odd=
tp_keep_odd_variables() {
  tp_environment=/proc/$$/environ
  "$tp_bb" tr '\0' '\n' < "$tp_environment" 2> /dev/null | "$tp_bb" grep -qE '^([0-9]|[A-Za-z0-9_]*[^A-Za-z0-9_=])[^=]*=' || return 0
  tp_odd=$("$tp_bb" od -An -v -tx1 "$tp_environment" | "$tp_bb" awk 'BEGIN {
    for (i = 1; i < 256; i++) c[sprintf("%02x", i)] = sprintf("%c", i)
    c["27"] = "\047\\\047\047"
  } {
    for (i = 1; i <= NF; i++) {
      if ($i == "00") {
        if (name ~ /[^A-Za-z0-9_]/ || name ~ /^[0-9]/) printf " \047%s\047", text
        name = text = ""; named = 0
        continue
      }
      if ($i == "3d") named = 1
      if (!named) name = name c[$i]
      text = text c[$i]
    }
  }')
}

# Where env starts the program nothing tells its failure from the program's but a script that names no interpreter there is.
tp_lacks_interpreter() {
  case $tp_code in 126 | 127) ;; *) return 1 ;; esac
  [ "$("$tp_bb" head -c 2 "$tp_found" | "$tp_bb" tr -d '\0')" = '#!' ] || return 1
  ! [ -x "$("$tp_bb" sed -n '1{s/^#![ \t]*//;s/[ \t].*//;p;}' "$tp_found")" ]
}

# --- Running ---------------------------------------------------------------------------------------------------------------------------

# Starts the step and waits for it; its standard output is a pipe that ends with it. Descriptor 3 is the container's standard output. The last to end
# is who copies output into files: results may be among them.
tp_attend() {
  # Closed for good: what a redirection of the call closes, the shell keeps to open it again.
  exec 9>&-
  tp_copiers=
  if [ -n "$tp_stdout" ]; then tp_copy 1 "$tp_stdout" >&3; fi
  if [ -n "$tp_stderr" ] && [ "$tp_stderr" != "$tp_stdout" ]; then tp_copy 2 "$tp_stderr" >&2; fi
  # The trap is reached only where exec fails.
  "$tp_bb" setsid "$tp_bb" sh -c 'echo "$$" > "$0/pid"
[ ! -e "$0/stop" ] || exit 143
trap ": > \"$0/unstarted\"" EXIT
unset PWD OLDPWD
if [ -p "$0/stdout" ]; then exec 3> "$0/stdout"; fi
if [ -p "$0/stderr" ]; then exec 2> "$0/stderr"; elif [ -e "$0/joined" ]; then exec 2>&3; fi
exec "$@" >&3 3>&-' "$tp_run" "$@"
  tp_code=$?
  [ -z "$tp_copiers" ] || wait
  echo "$tp_code" > "$tp_run/code"
}

# Copies what comes through a pipe to standard output and to a file.
tp_copy() {
  case $1 in
  1) tp_pipe=$tp_run/stdout; [ "$tp_stdout" != "$tp_stderr" ] || : > "$tp_run/joined" ;;
  *) tp_pipe=$tp_run/stderr ;;
  esac
  case $2 in */*) "$tp_bb" mkdir -p "${2%/*}" ;; esac
  "$tp_bb" mkfifo "$tp_pipe"
  "$tp_bb" tee "$2" < "$tp_pipe" 3>&- &
  tp_copiers=1
}

tp_run_step() {
  exec 3>&1
  # A background job of a shell ignores INT and QUIT, and so would all that the step starts. What a process substitution runs does not.
  if [ -z "${BASH_VERSION-}" ] && (eval ': <(:)') 2> /dev/null; then
    eval 'exec 5< <(tp_attend "$@")'
  else
    "$tp_bb" mkfifo "$tp_run/control"
    tp_attend "$@" > "$tp_run/control" &
    exec 5< "$tp_run/control"
  fi
  exec 3>&-
  [ -z "$tp_timeout" ] || tp_watch_time
  # Not the shell's own read, here or anywhere: while a signal is pending busybox 1.38 turns round in it for ever.
  "$tp_bb" cat <&5 > /dev/null 9>&- &
  tp_waiter=$!
  while kill -s 0 "$tp_waiter" 2> /dev/null; do wait "$tp_waiter"; done
  exec 5<&-
  [ -z "${tp_watch-}" ] || kill -s KILL -- "-$tp_watch" 2> /dev/null || kill -s KILL "$tp_watch" 2> /dev/null
  tp_code=137
  if [ -s "$tp_run/code" ]; then tp_code=$("$tp_bb" cat "$tp_run/code"); fi
}

tp_watch_time() {
  "$tp_bb" setsid "$tp_bb" sh -c '"$0" sleep "$1" && kill -s ALRM "$2"' "$tp_bb" "$tp_timeout" "$$" < /dev/null > /dev/null 2>&1 5<&- 9>&- &
  tp_watch=$!
}

# --- In order --------------------------------------------------------------------------------------------------------------------------

tp_ifs=' 	
'
IFS=$tp_ifs
while [ $# -gt 0 ]; do
  case $1 in
  --) shift; break ;;
  -pause_before) tp_pause_before=1 ;;
  -pause_on_failure) tp_pause_on_failure=1 ;;
  -skip) tp_skip=1 ;;
  -credentials) tp_credentials=1 ;;
  -results_elsewhere) tp_elsewhere=1 ;;
  -root) tp_root=$2; shift ;;
  -index) tp_index=$2; shift ;;
  -container) tp_container=$2; shift ;;
  -on_error) tp_on_error=$2; shift ;;
  -timeout) tp_timeout=$2; shift ;;
  -results) tp_results=$2; shift ;;
  -step_results) tp_step_results=$2; shift ;;
  -stdout_path) tp_stdout=$2; shift ;;
  -stderr_path) tp_stderr=$2; shift ;;
  -dir) tp_dir=$2; shift ;;
  -broken) tp_broken=$2; shift ;;
  -substitute) tp_substitute=$2; shift ;;
  -message_limit) tp_limit=$2; shift ;;
  *) echo "the entrypoint does not know the flag $1" >&2; exit 1 ;;
  esac
  shift
done
tp_bb=$tp_root/bin/bin/busybox
tp_run=$tp_root/run/$tp_index
tp_meta=$tp_root/steps/$tp_container
tp_before=

for tp_name in HUP INT QUIT USR1 USR2 TERM ALRM; do trap "tp_signal $tp_name" "$tp_name"; done

# A step begins once, whatever becomes of its container. The pipe gets its name when it is held open: who finds it without a holder takes the step for
# ended. All may open it for both, which never blocks.
if [ -e "$tp_run/ended" ] || ! "$tp_bb" mkfifo -m 666 "$tp_run/begun" 2> /dev/null; then
  tp_say 'it had begun before, or its folder cannot be written to'
  tp_end 1 out.err
fi
exec 9<> "$tp_run/begun"
"$tp_bb" mv "$tp_run/begun" "$tp_run/ended"
( umask 0; "$tp_bb" mkdir -p "$tp_meta/results" "$tp_meta/artifacts" )
"$tp_bb" ln -s "$tp_meta" "$tp_run/status"
# By its place as well: a folder of the step's own, with what upstream has behind a link.
"$tp_bb" ln -s "$tp_meta/results" "$tp_meta/artifacts" "$tp_meta/exitCode" "$tp_root/steps/$tp_index/"
[ -z "$tp_credentials" ] || tp_copy_credentials

tp_wait_turn || tp_cancelled
if [ "$tp_index" -gt 0 ] && [ ! -e "$tp_previous/out" ] && [ -z "$tp_pause_on_failure" ]; then
  tp_skipped
  tp_end 1 out.err
fi
if [ -n "$tp_pause_before" ]; then
  tp_pause out.beforestepexit || tp_cancelled
  if [ -e "$tp_run/out.beforestepexit.err" ]; then tp_not_runnable 'it was told at its breakpoint not to run'; fi
fi
tp_entry StartedAt 3 "$(tp_now)"

tp_keep_odd_variables
# What earlier steps have written goes into the environment, the guards and the command; so many words before the command say where. The answer
# is shell text, quoted.
if [ -n "$tp_substitute" ]; then
  tp_warning=
  tp_crash=
  eval "$(eval "\"\$tp_bb\" env $tp_odd \"\$tp_bb\" awk" '-f "$tp_root/scripts/substitute" -- "$tp_root" "$tp_run" "$tp_substitute" "$@"')"
  [ -z "$tp_warning" ] || echo "$tp_warning" >&2
  [ -z "$tp_crash" ] || tp_not_runnable "$tp_crash" 2
fi
[ -z "$tp_broken" ] || tp_not_runnable "$tp_broken"
if [ -n "$tp_skip" ]; then
  tp_entry Reason 3 Skipped
  tp_exit_code 0
  tp_end 0 out
fi
tp_before=$tp_entries

if [ -n "$tp_dir" ]; then
  "$tp_bb" mkdir -p "$tp_dir" && cd "$tp_dir" || tp_not_runnable "its working directory $tp_dir could not be made"
fi
if tp_find "$1"; then
  shift
  eval "tp_run_step ${tp_odd:+\"\$tp_bb\" env $tp_odd} \"\$tp_found\" \"\$@\""
  if [ -n "$tp_odd" ] && tp_lacks_interpreter; then : > "$tp_run/unstarted"; fi
  if [ -e "$tp_run/unstarted" ]; then tp_reason="$tp_found could not be started"; else tp_reason=; fi
else
  tp_reason="$1: no such program, or it may not be run"
  tp_code=127
fi

if [ -n "$tp_timed_out" ]; then
  tp_entry Reason 3 TimeoutExceeded
  tp_before=$tp_entries
  tp_read_results
  tp_end 1 out.err
fi
if [ -n "$tp_stopped" ]; then
  tp_read_results
  tp_cancelled
fi
if [ -n "$tp_pause_on_failure" ] && { [ -n "$tp_reason" ] || [ "$tp_code" -ne 0 ]; }; then
  tp_pause out.breakpointexit || tp_cancelled
  tp_read_results
  tp_code=$("$tp_bb" cat "$tp_run/out.breakpointexit")
  case $tp_code in '' | *[!0-9]*) tp_code=0 ;; esac
  if [ "$tp_code" -gt 0 ] && [ "$tp_code" -lt 256 ]; then tp_end "$tp_code" out.err; fi
  tp_end 0 out
fi
[ -z "$tp_reason" ] || tp_not_runnable "$tp_reason"

if [ "$tp_code" -eq 0 ]; then
  tp_exit_code 0
  tp_read_results
  tp_end 0 out
fi
if [ "$tp_on_error" = continue ]; then
  tp_entry ExitCode 3 "$tp_code"
  tp_before=$tp_entries
  tp_exit_code "$tp_code"
  tp_read_results
  tp_end 0 out
fi
tp_read_results
tp_end "$tp_code" out.err
