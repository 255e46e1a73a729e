# Waits for a command, and no longer than until we are told to stop. A signal ends `wait`, and not what it waits for.
tp_wait_for() {
  "$@" 9>&- &
  tp_waiter=$!
  while [ -z "$tp_stopped" ] && kill -s 0 "$tp_waiter" 2> /dev/null; do wait "$tp_waiter"; done
  [ -z "$tp_stopped" ] || kill -s TERM "$tp_waiter" 2> /dev/null
  [ -z "$tp_stopped" ]
}

tp_previous_ended() { [ -e "$tp_previous/out" ] || [ -e "$tp_previous/out.err" ]; }

tp_drain() { exec "$tp_bb" cat <&7 > /dev/null 2>&1; }

# The step before holds its pipe `ended` open for as long as it lives; its end is the pipe's, also when it is killed. Opening for reading alone would
# wait for a holder, who may just have gone; so it is opened for both first, and then looked at again.
tp_wait_turn() {
  [ "$tp_index" -gt 0 ] || return 0
  tp_previous=$tp_root/run/$((tp_index - 1))
  until tp_previous_ended; do
    if [ -p "$tp_previous/ended" ] && [ -w "$tp_previous/ended" ]; then
      exec 8<> "$tp_previous/ended" 7< "$tp_previous/ended" 8>&-
      tp_previous_ended || tp_wait_for tp_drain
      exec 7<&-
      break
    fi
    tp_wait_for "$tp_bb" sleep 0.05 || break
  done
  [ -z "$tp_stopped" ]
}
