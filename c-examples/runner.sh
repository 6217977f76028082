# runner.sh - what demo and check have in common: their arguments, compiling the examples, and running several programs
# at a time with a limit on everything. To be sourced by a POSIX shell, with `here` set to this directory.
#
# A program that is running has a label. Its output is in $work/LABEL.out, what it complains of in $work/LABEL.err.

compiler=${CC:-cc}
include=$here/../include
lib=$here/../build/lib
build=
limit=60                # seconds for which any program may run
children=               # process ids of what has been started and not waited for
program_env=            # VARIABLE=value words for the programs started next

usage() {
    cat >&2 <<EOF
usage: ${0##*/} [--lib DIR] [--build DIR] [--include DIR]
  --lib DIR      where libzmqrs.so and libzmq.so.5 are (default: ../build/lib)
  --build DIR    where the examples are compiled to (default: a temporary directory)
  --include DIR  where zmq.h is (default: ../include)
EOF
    exit 2
}

absolute() {
    (cd "$1" 2>/dev/null && pwd) || { echo "${0##*/}: no directory '$1'" >&2; exit 2; }
}

parse_arguments() {
    while [ $# -gt 0 ]; do
        [ $# -ge 2 ] || usage
        case $1 in
            --lib) lib=$2 ;;
            --build) mkdir -p "$2" && build=$2 ;;
            --include) include=$2 ;;
            *) usage ;;
        esac
        shift 2
    done
    lib=$(absolute "$lib") || exit 2
    include=$(absolute "$include") || exit 2
    work=$(mktemp -d "${TMPDIR:-/tmp}/zmqrs.XXXXXX") || exit 2
    trap 'clean_up' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    [ -n "$build" ] || { build=$work/build; mkdir "$build"; }
    build=$(absolute "$build") || exit 2
    case $lib in
        *[[:space:]:]*) ln -s "$lib" "$work/lib" && lib=$work/lib ;; # LD_PRELOAD has no way to quote these
    esac
    for file in "$lib/libzmqrs.so" "$lib/libzmq.so.5" "$include/zmq.h"; do
        [ -e "$file" ] || { echo "${0##*/}: no $file; run make first" >&2; exit 2; }
    done
}

clean_up() {
    for child in $children; do
        kill "$child" 2>/dev/null
    done
    for child in $children; do
        wait "$child" 2>/dev/null
    done
    rm -rf "$work"
}

# compile SOURCE OUTPUT FLAG...: with the messages in $work/compile.err
compile() {
    compile_source=$1
    compile_output=$2
    shift 2
    mkdir -p "${compile_output%/*}"
    "$compiler" "$compile_source" -o "$compile_output" "$@" >"$work/compile.err" 2>&1
}

# start LABEL PROGRAM ARGUMENT...: with $program_env in its environment. `timeout` ends what does not end; the shell in
# between notes the process id of the program itself, for `interrupt`.
start() {
    start_label=$1
    shift
    # what an earlier program of this label left must be gone before anybody looks: the shell that writes the new files
    # runs beside this one
    rm -f "$work/$start_label".*
    : >"$work/$start_label.out"
    # shellcheck disable=SC2086,SC2016
    timeout -k 2 "$limit" sh -c 'echo $$ >"$0"; exec env "$@"' "$work/$start_label.pid" $program_env "$@" \
        >>"$work/$start_label.out" 2>>"$work/$start_label.err" </dev/null &
    eval "process_$start_label=$!"
    children="$children $!"
}

# finish LABEL...: waits for all of them that have not been waited for. If one fails the others are ended, as they might
# wait for it; then finish fails too.
finish() {
    finish_waiting=$*
    while [ -n "$finish_waiting" ]; do
        finish_running=
        for finish_label in $finish_waiting; do
            eval "finish_process=\$process_$finish_label"
            if [ -n "$finish_process" ] && alive "$finish_process"; then
                finish_running="$finish_running $finish_label"
            elif ! collect "$finish_label"; then
                # shellcheck disable=SC2086
                abandon $finish_waiting
                return 1
            fi
        done
        finish_waiting=$finish_running
        [ -z "$finish_waiting" ] || pause
    done
}

# abandon LABEL...: ends those of them that still run.
abandon() {
    for abandon_label in "$@"; do
        eval "abandon_process=\$process_$abandon_label"
        [ -n "$abandon_process" ] || continue
        alive "$abandon_process" && echo 'had to be ended' >>"$work/$abandon_label.err"
        kill "$abandon_process" 2>/dev/null
    done
    for abandon_label in "$@"; do
        collect "$abandon_label"
    done
}

# collect LABEL: waits for one program, once, and notes how it ended.
collect() {
    eval "collect_process=\$process_$1 process_$1="
    [ -n "$collect_process" ] || return 0
    wait "$collect_process" 2>/dev/null
    collect_status=$?
    forget "$collect_process"
    case $collect_status in
        0) return 0 ;;
        124 | 137) echo "not done after $limit s" >>"$work/$1.err" ;;
        *) echo "ended with status $collect_status" >>"$work/$1.err" ;;
    esac
    return 1
}

# forget PROCESS: its number may soon be somebody else's.
forget() {
    forget_remaining=
    for forget_child in $children; do
        [ "$forget_child" = "$1" ] || forget_remaining="$forget_remaining $forget_child"
    done
    children=$forget_remaining
}

# pause: between two looks at a condition
pause() {
    sleep 0.02
}

# alive PROCESS: whether it still runs. One that nobody has waited for yet is there, but as a zombie.
alive() {
    case $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) in
        '' | Z) return 1 ;;
    esac
}

# said LABEL TEXT: waits until the program has printed a line that starts with TEXT, and prints the rest of that line.
said() {
    eval "said_process=\$process_$1"
    while :; do
        alive "$said_process" && said_alive=1 || said_alive=0
        sed -n "s/^$2/:/p" "$work/$1.out" >"$work/$1.said"
        [ -s "$work/$1.said" ] && { sed 's/^://' "$work/$1.said"; return 0; }
        [ "$said_alive" = 1 ] || return 1
        pause
    done
}

# endpoint LABEL ROLE: waits until the program has told on which endpoint it plays that role, and prints the endpoint.
endpoint() {
    said "$1" "$2 on "
}

# What tells whether a process moves: its state and how often it has given up the processor.
process_activity() {
    sed -n 's/^State:[[:space:]]*\(.\).*/\1/p; s/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null |
        tr '\n' ' '
}

# asleep LABEL: waits until the program waits for something outside: asleep, and so for a while.
asleep() {
    asleep_pid=$(cat "$work/$1.pid")
    asleep_same=0
    asleep_before=
    while [ "$asleep_same" -lt 5 ]; do
        asleep_now=$(process_activity "$asleep_pid")
        [ -n "$asleep_now" ] || return 1
        case $asleep_now in
            "S "*) [ "$asleep_now" = "$asleep_before" ] && asleep_same=$((asleep_same + 1)) || asleep_same=0 ;;
            *) asleep_same=0 ;;
        esac
        asleep_before=$asleep_now
        pause
    done
}

# hold LABEL, release LABEL: stops a program where it is, and lets it go on.
hold() {
    kill -STOP "$(cat "$work/$1.pid")"
}

release() {
    kill -CONT "$(cat "$work/$1.pid")"
}

# interrupt LABEL: what Ctrl-C does. Once: a program that overlooks it is a failure.
interrupt() {
    kill -INT "$(cat "$work/$1.pid")"
}

# complaints LABEL...: what the programs wrote to their standard error, indented.
complaints() {
    for complaints_label in "$@"; do
        sed "s/^/      $complaints_label: /" "$work/$complaints_label.err" 2>/dev/null
    done
}

# bound_library PROGRAM: which file gives the program its zmq_version; prints nothing where the loader cannot tell.
bound_library() {
    # shellcheck disable=SC2086
    timeout "$limit" env $program_env LD_DEBUG=bindings "$1" 2>&1 >/dev/null |
        sed -n 's/.* to \(.*\) \[0\]: normal symbol .zmq_version.*/\1/p' | head -n 1
}
