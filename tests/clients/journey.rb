#!/usr/bin/ruby
# SPDX-License-Identifier: LGPL-2.1-or-later
# A client on ruby-libvirt: journey URI FILE leads the domain of FILE through its life; it has no event loop.
require 'libvirt'

uri, file = ARGV
connection = Libvirt.open(uri)
domain = connection.define_domain_xml(File.read(file))
domain.create
puts "state #{domain.state.first}"
puts "active #{connection.num_of_domains}"
domain.destroy
domain.undefine
connection.close
