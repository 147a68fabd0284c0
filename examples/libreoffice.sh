#!/usr/bin/env bash
# The claims as a spreadsheet, without a mouse.
#
#   examples/libreoffice.sh http://127.0.0.1:8000 claims.csv xlsx
#
# asks for /v1/claims.csv and leaves claims.xlsx in the working directory. The second argument may
# carry filters ('claims.csv?kind=goal', 'quotes.csv', 'counts.csv?by=topic'), the third is any
# format that LibreOffice writes (xlsx, ods, fods).
#
# What is chosen here is what one chooses in the import dialog: comma, UTF-8, and "Text" for every
# column that holds text. Left at "Standard", a text that begins with = becomes a formula, and EDTF
# such as 2023 a number. (Whoever opens the file by a double click and sees no dialog asks for
# excel=true instead: it has a byte order mark, and an apostrophe before such a text.)
#
# Needs curl and LibreOffice Calc.
set -euo pipefail
base=${1:?the address of the service, such as http://127.0.0.1:8000}
what=${2:-claims.csv}
format=${3:-xlsx}
name=${what%%\?*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

curl --silent --show-error --fail --max-time 60 --output "$work/$name" "$base/v1/$what"

# Pairs of column number and type: 1 is "Standard", 2 is "Text".
columns=
number=0
IFS=, read -ra header <<< "$(head -n 1 "$work/$name" | tr -d '\r')"
for column in "${header[@]}"; do
  number=$((number + 1))
  case $column in
    *_earliest | *_latest | *_at | *_year | *_score | *_credibility) type=1 ;;
    independent_origins | revision | alternatives | start | end | count) type=1 ;;
    goal_target_value) type=1 ;;
    *) type=2 ;;
  esac
  columns+="${columns:+/}$number/$type"
done

# Separator 44 (comma), quotation mark 34, character set 76 (UTF-8), from line 1, these columns,
# language 1033 (English: a full stop before decimals), no quoted field forced to text, no special
# numbers: only plain numbers and ISO 8601 dates are recognised.
if ! soffice --headless "-env:UserInstallation=file://$work/profile" \
  --convert-to "$format" --infilter="CSV:44,34,76,1,$columns,1033,false,false" \
  --outdir "$work/made" "$work/$name" &> "$work/said" || [ ! -d "$work/made" ]; then
  cat "$work/said" >&2
  exit 1
fi
mv "$work/made/${name%.csv}.$format" .
echo "${name%.csv}.$format"
