#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What Perl's own TAP::Parser reads from the file named: the tests at the outermost level, as TAP knows no others.
use strict;
use warnings;
use TAP::Parser;

open my $file, '<', $ARGV[0] or die $!;
my $text = do { local $/; <$file> };
my $parser = TAP::Parser->new({tap => $text});
1 while $parser->next;
printf "plan %s passed %d failed %d errors %d\n", $parser->plan, scalar $parser->passed, scalar $parser->failed,
    scalar $parser->parse_errors;
