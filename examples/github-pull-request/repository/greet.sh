#!/bin/sh
# Greets whoever is named, or everybody.
greet() {
  printf 'Hello, %s!\n' "${1:-world}"
}
