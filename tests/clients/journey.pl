#!/usr/bin/perl
# SPDX-License-Identifier: LGPL-2.1-or-later
# A client on Sys::Virt: journey URI FILE leads the domain of FILE through its life, as the other journeys do.
use strict;
use warnings;
use Sys::Virt;
use Sys::Virt::Event;

my ($uri, $file) = @ARGV;
Sys::Virt::Event::register_default();
my $connection = Sys::Virt->new(uri => $uri);
my $over = 0;
$connection->domain_event_register_any(
	undef,
	Sys::Virt::Domain::EVENT_ID_LIFECYCLE,
	sub {
		my ($of, $domain, $event) = @_;
		print "event $event\n";
		$over = $event == Sys::Virt::Domain::EVENT_UNDEFINED;
	});

open(my $xml, '<', $file) or die $!;
my $domain = $connection->define_domain(do { local $/; <$xml> });
$domain->create;
my ($state) = $domain->get_state;
print "state $state\n";
print 'active ', scalar($connection->list_domains), "\n";
$domain->destroy;
$domain->undefine;
Sys::Virt::Event::run_default() until $over;
