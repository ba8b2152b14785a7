#!/bin/sh
# Runs book.sh (who works here, and with whom) and day.sh (a day at the desk) of ticketcli/demo, line
# by line, each command shown before it runs. Nothing outlives it: the database is a temporary file.
set -eu
cd "$(dirname "$0")/../ticketcli/demo"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the visitor's own: neither the configuration nor the book.
export HOME="$folder" XDG_CONFIG_HOME="$folder/config" XDG_DATA_HOME="$folder/data"
unset TICKETCLI_DATABASE TICKETCLI_CONFIG
export TICKETCLI_USER=anna TICKETCLI_LANGUAGE=fr LANG=fr_FR.UTF-8

for session in book.sh day.sh; do
    # On descriptor 3, for the commands have standard input to themselves.
    while IFS= read -r line <&3; do
        case $line in
        '' | '#'*) printf '%s\n' "$line" ;;
        *)
            printf '$ %s\n' "$line"
            eval "$line" </dev/null
            ;;
        esac
    done 3<"$session"
done
