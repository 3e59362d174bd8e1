# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests of VirtualBox in an instance: machines run, the ordinary user makes networks.
# shellcheck shell=bash disable=SC2154

test_machine() {
	"$bed" up --no-install
	"$bed" exec bash -euxc '
		VBoxManage hostonlyif create
		VBoxManage createvm --name guest --ostype Other --register
		VBoxManage modifyvm guest --memory 16 --uart1 0x3f8 4 --uart-mode1 file /tmp/serial \
			--firmware-boot-menu disabled --firmware-logo-fade-in off --firmware-logo-fade-out off \
			--firmware-logo-display-time 0 --nic1 hostonly --hostonlyadapter1 vboxnet0 --nic2 intnet \
			--nic3 bridged --bridgeadapter3 eth0 --nic4 nat
		VBoxManage storagectl guest --name floppy --add floppy
		VBoxManage storageattach guest --storagectl floppy --port 0 --device 0 --type fdd \
			--medium /usr/share/testbed/boot.img
		VBoxManage startvm guest --type headless
		for _ in $(seq 600); do ! grep -q READY /tmp/serial || break; sleep 0.05; done
		grep READY /tmp/serial
		VBoxManage controlvm guest screenshotpng /tmp/screen.png
		python3 -c "import PIL.Image; assert PIL.Image.open(\"/tmp/screen.png\").convert(\"L\").getextrema()[1] > 100"
		VBoxManage controlvm guest poweroff'
}

# The guest's commands over its serial port.
test_guest() {
	"$bed" up --no-install
	"$bed" exec bash -euxc '
		VBoxManage createvm --name guest --ostype Other --register
		VBoxManage modifyvm guest --memory 16 --uart1 0x3f8 4 --uart-mode1 server /tmp/serial \
			--firmware-boot-menu disabled --firmware-logo-fade-in off --firmware-logo-fade-out off \
			--firmware-logo-display-time 0
		VBoxManage storagectl guest --name floppy --add floppy
		VBoxManage storageattach guest --storagectl floppy --port 0 --device 0 --type fdd \
			--medium /usr/share/testbed/boot.img
		VBoxManage startvm guest --type headless
		for _ in $(seq 600); do [ ! -S /tmp/serial ] || break; sleep 0.05; done
		python3 - <<-END
			import socket
			line = socket.socket(socket.AF_UNIX)
			line.settimeout(30)
			line.connect("/tmp/serial")
			def until(text):
			    got = b""
			    while text not in got:
			        got += line.recv(100)
			until(b"READY")
			line.send(b"x++++++++++=")
			until(b"x000A")
			line.send(b"r")
			until(b"READY")
			line.send(b"q")
			while line.recv(100):  # a byte may be lost when its sender closes at once
			    pass
		END
		for _ in $(seq 600); do
			! VBoxManage showvminfo guest --machinereadable | grep VMState=.poweroff || exit 0
			sleep 0.05
		done
		exit 1'
}

test_host_only_adapters() {
	"$bed" up --no-install
	"$bed" exec bash -euxc '
		VBoxManage hostonlyif create
		VBoxManage hostonlyif create
		VBoxManage hostonlyif ipconfig vboxnet0 --ip 10.7.0.1 --netmask 255.255.0.0
		VBoxManage hostonlyif ipconfig vboxnet0 --ip 10.8.0.1 --netmask 255.255.255.0
		VBoxManage hostonlyif ipconfig vboxnet0 --ipv6 fd00::1 --netmasklengthv6 64
		VBoxManage hostonlyif remove vboxnet1
		[ "$(ip -brief address show vboxnet0 | grep -o -E "(10|fd)[^ ]*")" = "10.8.0.1/24
fd00::1/64" ]
		! ip link show vboxnet1
		VBoxManage hostonlyif remove vboxnet0
		! ip link show vboxnet0'
	! ip link show vboxnet0
}

test_forbidden_addresses() {
	"$bed" up --no-install
	"$bed" exec --root sh -c 'printf "# ours\n* 10.0.0.0/8 192.168.0.0/31\n  *fd00::/16\n" >/etc/vbox/networks.conf'
	"$bed" exec bash -uxc '
		helper=/usr/lib/virtualbox/VBoxNetAdpCtl
		$helper add || exit 1
		wants() { local wanted=$1; shift; $helper vboxnet0 "$@"; [ $? = $wanted ] || exit 1; }
		wants 0 10.1.2.3
		wants 38 11.1.2.3
		wants 38 10.1.2.3 netmask 254.0.0.0
		wants 0 fd00:0:ffff::1/48
		wants 38 fd01::1/64
		wants 38 192.168.0.1
		wants 0 10.1.2.3 remove
		wants 0 10.1.2.3 netmask 255.255.0.0
		wants 0 10.1.2.3 remove
		! ip -brief address show vboxnet0 | grep 10.1 || exit 1
		wants 1 10.1.2.3 netmask 255.0.255.0
		wants 1 "10.1.2.3 dev eth0"
		wants 1 10.1.2.3/33
		wants 0 speed
		$helper eth0 10.1.2.3; [ $? = 2 ] || exit 1
		$helper vboxnet00 remove; [ $? = 2 ] || exit 1
		$helper ../../etc/passwd speed; [ $? = 2 ] || exit 1'
	"$bed" exec --root rm /etc/vbox/networks.conf
	"$bed" exec /usr/lib/virtualbox/VBoxNetAdpCtl vboxnet0 192.168.56.1
	fails_with 38 "$bed" exec /usr/lib/virtualbox/VBoxNetAdpCtl vboxnet0 192.168.64.1
}
