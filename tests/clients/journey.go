// SPDX-License-Identifier: LGPL-2.1-or-later
// A client on go-libvirt: journey URI FILE leads the domain of FILE through its life, as the other journeys do.

package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/digitalocean/go-libvirt"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func live(connection *libvirt.Libvirt, xml string) {
	domain, err := connection.DomainDefineXML(xml)
	must(err)
	must(connection.DomainCreate(domain))
	state, _, err := connection.DomainGetState(domain, 0)
	must(err)
	fmt.Println("state", state)
	active, _, err := connection.ConnectListAllDomains(1, libvirt.ConnectListDomainsActive)
	must(err)
	fmt.Println("active", len(active))
	must(connection.DomainDestroy(domain))
	must(connection.DomainUndefine(domain))
}

func main() {
	uri, err := url.Parse(os.Args[1])
	must(err)
	xml, err := os.ReadFile(os.Args[2])
	must(err)
	connection, err := libvirt.ConnectToURI(uri)
	must(err)
	events, err := connection.LifecycleEvents(context.Background())
	must(err)
	live(connection, string(xml))
	for event := range events {
		fmt.Println("event", event.Event)
		if event.Event == int32(libvirt.DomainEventUndefined) {
			break
		}
	}
	must(connection.Disconnect())
}
