#!/bin/sh
. ./greet.sh

check() {
  if [ "$2" = "$3" ]; then
    echo "ok $1"
  else
    echo "not ok $1: got '$2', expected '$3'"
    exit 1
  fi
}

check 'greets the world' "$(greet)" 'Hello, world!'
check 'greets by name' "$(greet Tappet)" 'Hello, Tappet!'
check 'keeps spaces' "$(greet 'two words')" 'Hello, two words!'
