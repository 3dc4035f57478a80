# Runs one unit of Redis' Tcl suite against a server that is already running, and records every test.
#
#   tclsh glue.tcl <events file> <unit> <host> <port> <skip file>      (working directory: a copy of the suite)
#
# The suite stops at the first error which is not an assertion. Here every error belongs to its test: the
# connection is renewed, changed settings are put back, and the next test runs. Each outcome is one line,
# `ok|err|ignore|exception <tab> name <tab> message`, flushed at once, so that a run which hangs can be ended
# from outside and repeated without the test it hung in (the skip file).

lassign $argv keyspan_events keyspan_unit keyspan_host keyspan_port keyspan_skip
set keyspan_out [open $keyspan_events a]
fconfigure $keyspan_out -encoding utf-8 -buffering line
set keyspan_depth 0

proc keyspan_record {kind name {message ""}} {
    set clean [string map {\t " " \n " | " \r ""} [string range $message 0 600]]
    puts $::keyspan_out "$kind\t[string map {\t " " \n " "} $name]\t$clean"
}

# Everything of the suite but the two lines at its end that start its own driver.
set argv [list --host $keyspan_host --port $keyspan_port --clients 1]
set fd [open tests/test_helper.tcl]
set text [read $fd]
close $fd
set end [string last "\nif {\$::client} \{" $text]
if {$end < 0} {error "this suite's test_helper.tcl ends in an unknown way"}
eval [string range $text 0 $end]
set ::skiptests {}
set fd [open $keyspan_skip]
foreach line [split [read $fd] \n] {if {$line ne ""} {lappend ::skiptests $line}}
close $fd

# The suite reports to its driver through this procedure; blocks excluded by tags arrive here.
proc send_data_packet {fd status data {elapsed 0}} {
    if {$status eq "ignore"} {keyspan_record ignore $data}
}
set ::test_server_fd none

# A fresh connection for the server on top of the stack, in database 9 as the suite wants it.
proc keyspan_renew {} {
    catch {[srv 0 client] close}
    set client [redis $::host $::port 0 $::tls]
    catch {$client client unpause}
    $client select 9
    set server [lindex $::servers end]
    dict set server client $client
    lset ::servers end $server
}

# Settings that a failed test left behind. Reading them takes a command, so it is done after failures only.
proc keyspan_restore {} {
    catch {r discard}
    catch {r debug set-active-expire 1}
    foreach {name value} $::keyspan_settings {
        if {[catch {r config get $name} now]} continue
        if {[llength $now] == 2 && [lindex $now 1] ne $value} {catch {r config set $name $value}}
    }
}

proc test {name code {okpattern undefined} {tags {}}} {
    # Loops run a test under one name for every encoding: each run counts for itself.
    if {[incr ::keyspan_seen($name)] > 1} {append name " #$::keyspan_seen($name)"}
    if {$name in $::skiptests} {keyspan_record skip $name; return}
    if {![tags_acceptable [concat $::tags $tags] reason]} {keyspan_record ignore $name $reason; return}
    incr ::num_tests
    set before $::cur_test
    set ::cur_test "$name in $::curfile"
    keyspan_record begin $name
    incr ::keyspan_depth
    set failed [catch {uplevel 1 $code} reply options]
    incr ::keyspan_depth -1
    # `return` inside a test is not an error.
    if {$failed == 2} {set failed 0}
    if {!$failed && $okpattern ne "undefined" && $okpattern ne $reply && ![string match $okpattern $reply]} {
        set failed 1
        set reply "expected '$okpattern', got '$reply'"
    }
    set ::cur_test $before
    if {!$failed} {keyspan_record ok $name; return}
    keyspan_record err $name $reply
    if {$::keyspan_depth == 0} {
        if {[catch {keyspan_renew} error]} {
            keyspan_record exception $name "the server is gone: $error"
            exit 3
        }
        keyspan_restore
    }
}

# The body of a block runs statement by statement at the caller's level: code between two tests that fails
# must not take the remaining tests along.
proc keyspan_body {code} {
    set statement ""
    foreach line [split $code \n] {
        append statement $line \n
        if {![info complete $statement]} continue
        # A line that ends in a backslash goes on.
        if {[regexp {\\\n$} $statement]} continue
        set now $statement
        set statement ""
        set failed [catch {uplevel 1 $now} reply options]
        if {$failed == 1} {
            keyspan_record exception [string trim [string range $now 0 60]] $reply
            if {[catch {keyspan_renew} error]} {
                keyspan_record exception "" "the server is gone: $error"
                exit 3
            }
        } elseif {$failed != 0} {
            return -options $options $reply
        }
    }
}

proc run_external_server_test {code overrides} {
    lappend ::servers [dict create host $::host port $::port client "" config [dict create port $::port]]
    keyspan_renew
    catch {r flushall}
    catch {r function flush}
    set saved {}
    foreach {name value} $overrides {
        if {[catch {r config get $name} old] || [llength $old] != 2} continue
        if {[catch {r config set $name $value}]} continue
        lappend saved $name [lindex $old 1]
    }
    # The caller is start_server, whose caller holds the block's variables.
    uplevel 2 [list keyspan_body $code]
    foreach {name value} $saved {catch {r config set $name $value}}
    catch {[srv 0 client] close}
    set ::servers [lrange $::servers 0 end-1]
}

rename tags keyspan_tags
proc tags {tags code} {
    uplevel 1 [list keyspan_tags $tags [list keyspan_body $code]]
}

set keyspan_client [redis $::host $::port 0 $::tls]
set ::keyspan_settings {}
catch {set ::keyspan_settings [$keyspan_client config get *]}
$keyspan_client close

set ::curfile "tests/$keyspan_unit.tcl"
set fd [open $::curfile]
set keyspan_code [read $fd]
close $fd
keyspan_body $keyspan_code
keyspan_record done $keyspan_unit
