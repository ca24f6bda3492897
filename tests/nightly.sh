#!/usr/bin/env bash
# Runs the tests that take longer than the suite may.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: tests/nightly.sh [--help] [--no-build] [--from-seed N] [NAME...]

Runs the long tests of each NAME, or all.

  slow   A slow subscriber reads 64 MiB from mosquitto at 1 MB/s, at QoS 1 and QoS 0; client and proxy must each stay
         below 200 MiB of resident memory. About 1.5 minutes. MQTTSCION_SLOW_MIB sets another size.

  fuzz-scion
         10 million mutated SCION packets and as many mutated answers of a path server: no exception, no byte read from
         beside them, no endless combination. Release build, about ten minutes, a million seeds at a time; after each
         it prints the seed to go on from with --from-seed, and notes it in the file MQTTSCION_FUZZ_STATE, if that is
         set: the next run goes on there by itself. MQTTSCION_FUZZ_COUNT sets another number. A failure prints its seed
         and the input.

  fuzz
         50 million mutations of QUIC: datagrams and frames at both ends of connections in all states, transport
         parameters, tokens: no exception, memory within the windows, an end in bounded time. 64 mutations a seed and
         target, 4000 seeds at a time; goes on like fuzz-scion (MQTTSCION_FUZZ_STATE, --from-seed), and
         MQTTSCION_FUZZ_COUNT sets another number of seeds.

  simulation
         100,000 worlds in which two QUIC connections meet loss, reordering, blackouts, path switches, pauses and
         forgeries in virtual time: whatever happens, bytes arrive whole or the connection ends for a reason that both
         ends know. Optimized, with assertions. Prints the number of seeds and their rate, 10,000 at a time, and after
         each the seed to go on from with --from-seed, and notes it in the file MQTTSCION_SIMULATION_STATE, if that is
         set: the next run goes on there by itself. MQTTSCION_SIMULATION_COUNT sets another number. A failure prints
         its seed: dotnet run -c Checked --project tests/MqttScion.Simulation -- --seed N --trace

  chaos
         Broker and proxy restarted 20 times, publisher and subscriber killed, under QoS 1 and 2 load with the durable
         outbox, with the embedded broker and with mosquitto, for each of ten seeds: nothing that was accepted is lost,
         and no QoS 2 message comes twice. Under ten minutes; goes on like fuzz-scion (MQTTSCION_CHAOS_STATE,
         --from-seed). MQTTSCION_CHAOS_COUNT sets another number of seeds, MQTTSCION_CHAOS_RESTARTS of restarts.

  soak   Ten minutes of clients over the emulated network, a proxy in its own process and the embedded broker, at all
         qualities of service, while links are cut, paths and subscriptions change and connections drop: no message of
         QoS 1 or 2 is lost, and memory is flat. Prints a row each 30 s, as a Markdown table, and says at the end what
         flat means. MQTTSCION_SOAK_MINUTES sets another time.

  expiry
         Five minutes over the emulated network, in real time: segments expire every 60 s, and a ping never misses.
         MQTTSCION_EXPIRY_SECONDS sets another time, 61 at least.

A program that a test needs (mosquitto) must be installed, else the test fails.
Exit codes: 0 all passed, 1 a test failed or did not build, 2 wrong usage.
TEXT
}

run_tests() {
    dotnet test "$1" $build $configuration --nologo --filter "$2" --logger "console;verbosity=detailed" \
        -- RunConfiguration.TreatNoTestsAsError=true
}

slow() {
    MQTTSCION_SLOW_MIB="${MQTTSCION_SLOW_MIB:-64}" run_tests tests/MqttScion.Proxy.Tests "FullyQualifiedName~SlowSubscriberTests"
}

fuzz-scion() {
    fuzz_seeds "$FUNCNAME" 10000000 1000000 tests/MqttScion.Scion.Tests "FullyQualifiedName~FuzzTests.Mutated"
}

# 64 mutations for each of four targets.
fuzz() {
    fuzz_seeds "$FUNCNAME" 200000 4000 tests/MqttScion.Quic.Tests "FullyQualifiedName~FuzzTests.Mutated"
}

# Tries seeds: name, how many, how many at a time, project, filter.
fuzz_seeds() {
    local total="${MQTTSCION_FUZZ_COUNT:-$2}" chunk="$3" state="${MQTTSCION_FUZZ_STATE:-}" seed="$from_seed"
    if [ -z "$seed" ] && [ -s "$state" ]; then
        seed="$(<"$state")"
    fi
    seed="${seed:-0}"
    while [ "$seed" -lt "$total" ]; do
        local count=$((total - seed < chunk ? total - seed : chunk))
        configuration="-c Release" MQTTSCION_FUZZ_SEED="$seed" MQTTSCION_FUZZ_COUNT="$count" \
            run_tests "$4" "$5" || return 1
        seed=$((seed + count))
        echo "$1: $seed of $total, go on with --from-seed $seed"
        [ -z "$state" ] || echo "$seed" >"$state"
    done
    [ -z "$state" ] || rm -f "$state"
}

simulation() {
    local total="${MQTTSCION_SIMULATION_COUNT:-100000}" chunk=10000 state="${MQTTSCION_SIMULATION_STATE:-}"
    local seed="$from_seed" program="tests/MqttScion.Simulation/bin/Checked/net10.0/MqttScion.Simulation"
    if [ -z "$seed" ] && [ -s "$state" ]; then
        seed="$(<"$state")"
    fi
    seed="${seed:-0}"
    [ -n "$build" ] || dotnet build tests/MqttScion.Simulation -c Checked --nologo -v q || return 1
    while [ "$seed" -lt "$total" ]; do
        local count=$((total - seed < chunk ? total - seed : chunk))
        "$program" --from-seed "$seed" --count "$count" || return 1
        seed=$((seed + count))
        echo "simulation: $seed of $total, go on with --from-seed $seed"
        [ -z "$state" ] || echo "$seed" >"$state"
    done
    [ -z "$state" ] || rm -f "$state"
}

expiry() {
    MQTTSCION_EXPIRY_SECONDS="${MQTTSCION_EXPIRY_SECONDS:-300}" \
        run_tests tests/MqttScion.Testnet.Tests "FullyQualifiedName~SegmentExpiryTests"
}

chaos() {
    local total="${MQTTSCION_CHAOS_COUNT:-10}" state="${MQTTSCION_CHAOS_STATE:-}" seed="$from_seed"
    if [ -z "$seed" ] && [ -s "$state" ]; then
        seed="$(<"$state")"
    fi
    seed="${seed:-0}"
    while [ "$seed" -lt "$total" ]; do
        MQTTSCION_CHAOS_SEED="$seed" run_tests tests/MqttScion.Tests "FullyQualifiedName~ChaosTests" || return 1
        seed=$((seed + 1))
        echo "chaos: $seed of $total, go on with --from-seed $seed"
        [ -z "$state" ] || echo "$seed" >"$state"
    done
    [ -z "$state" ] || rm -f "$state"
}

soak() {
    local table status=0 follower
    table="$(mktemp)"
    tail -f "$table" &
    follower=$!
    MQTTSCION_SOAK_MINUTES="${MQTTSCION_SOAK_MINUTES:-10}" MQTTSCION_SOAK_TABLE="$table" \
        run_tests tests/MqttScion.Proxy.Tests "FullyQualifiedName~SoakTests" || status=1
    kill "$follower"
    rm -f "$table"
    return "$status"
}

all=(slow fuzz-scion fuzz simulation chaos soak expiry)
names=()
build=""
configuration=""
from_seed=""
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help) usage; exit 0 ;;
        --no-build) build="--no-build" ;;
        --from-seed)
            case "${2:-}" in
                "" | *[!0-9]*) echo "tests/nightly.sh: --from-seed needs a number, got '${2:-}'." >&2; exit 2 ;;
            esac
            from_seed="$2"
            shift
            ;;
        slow | fuzz-scion | fuzz | simulation | chaos | soak | expiry) names+=("$1") ;;
        *) echo "tests/nightly.sh: '$1' is no test; see --help." >&2; exit 2 ;;
    esac
    shift
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
