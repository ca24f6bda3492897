#!/usr/bin/env bash
# Runs the tests that take longer than the suite may.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: tests/nightly.sh [--help] [--no-build] [NAME...]

Runs the long tests of each NAME, or all.

  slow   A slow subscriber reads 64 MiB from mosquitto at 1 MB/s, at QoS 1 and QoS 0; client and proxy must each stay
         below 200 MiB of resident memory. About 1.5 minutes. MQTTSCION_SLOW_MIB sets another size.

A program that a test needs (mosquitto) must be installed, else the test fails.
Exit codes: 0 all passed, 1 a test failed or did not build, 2 wrong usage.
TEXT
}

run_tests() {
    dotnet test "$1" $build --nologo --filter "$2" --logger "console;verbosity=detailed" \
        -- RunConfiguration.TreatNoTestsAsError=true
}

slow() {
    MQTTSCION_SLOW_MIB="${MQTTSCION_SLOW_MIB:-64}" run_tests tests/MqttScion.Proxy.Tests "FullyQualifiedName~SlowSubscriberTests"
}

all=(slow)
names=()
build=""
for argument in "$@"; do
    case "$argument" in
        -h | --help) usage; exit 0 ;;
        --no-build) build="--no-build" ;;
        slow) names+=("$argument") ;;
        *) echo "tests/nightly.sh: '$argument' is no test; see --help." >&2; exit 2 ;;
    esac
done
[ "${#names[@]}" -gt 0 ] || names=("${all[@]}")

cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# A test whose program is missing fails here instead of being skipped.
export MQTTSCION_REQUIRE_EXTERNAL=1
status=0
for name in "${names[@]}"; do
    if "$name"; then
        echo "$name: passed"
    else
        echo "$name: FAILED"
        status=1
    fi
done
exit "$status"
