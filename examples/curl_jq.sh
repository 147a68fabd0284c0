#!/usr/bin/env bash
# What a shell can do with the service: pages by cursor, tables from JSON, repeats for nothing,
# mistakes that explain themselves.
#
#   examples/curl_jq.sh http://127.0.0.1:8000
#
# Needs curl and jq.
set -euo pipefail
base=${1:?the address of the service, such as http://127.0.0.1:8000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --fail-with-body: an error ends the script, and its problem document is still shown.
ask() { curl --silent --show-error --fail-with-body --retry 3 --max-time 30 "$@"; }

echo "# Goals by target year (restatements left out)"
ask "$base/v1/counts?by=horizon&goals_only=true&distinct=true" |
  jq --raw-output '.data[] | [.name // "none stated", .count] | @tsv'

echo "# Who is quoted, and through whom"
ask "$base/v1/claims.ndjson?attribution=direct,mixed" |
  jq --raw-output '[.id, ([.sources[].agent.id] | join(" > "))] | @tsv' | sort --key=2

echo "# Every claim, page by page"
cursor=
until [ "$cursor" = null ]; do
  page=$(ask --get "$base/v1/claims" --data limit=25 ${cursor:+--data "cursor=$cursor"})
  jq --raw-output '.data[].id' <<< "$page" >> "$work/ids"
  cursor=$(jq --raw-output .meta.next_cursor <<< "$page")
done
echo "$(sort --unique "$work/ids" | wc -l) claims, the last page says $(jq .meta.total <<< "$page")"

echo "# Asked again, an unchanged answer has no body"
for _ in 1 2; do
  ask --etag-compare "$work/etag" --etag-save "$work/etag" --output "$work/dataset" \
    --write-out '%{http_code}\n' "$base/v1/dataset"
done

echo "# A mistake names itself"
curl --silent --max-time 30 "$base/v1/claims?tpoic=nuclear" |
  jq --raw-output '.errors[] | "\(.parameter) \(.detail); did you mean \(.did_you_mean)?"'
