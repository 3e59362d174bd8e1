/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guest of most tests: one boot sector that talks on COM1 and sleeps between interrupts.
 *
 * Theory of operation
 *
 * It prints READY on the serial port and on the screen, then echoes what it
 * receives. Some characters are commands and are not echoed:
 *
 *   +  add one to a counter       =  print the counter as four hex digits
 *   q  power off through ACPI     r  reset through the keyboard controller
 *   t  triple fault               h  halt for good, interrupts off
 *
 * The ACPI power button prints PWRBTN. A key prints K and its character.
 * The counter shows whether memory survived a save, a snapshot or a reset.
 *
 * Between two timer interrupts (55 ms) the processor halts, so that an idle
 * machine costs next to nothing in VirtualBox's interpreter.
 */
	.code16
	.global _start

	.set UART, 0x3f8                /* COM1: data; +1 enable, +3 line, +4 modem, +5 status */
	.set PM1_STATUS, 0x4000         /* VirtualBox's PIIX3/ICH9 ACPI block, fixed ports */
	.set PM1_ENABLE, 0x4002
	.set PM1_CONTROL, 0x4004
	.set POWER_BUTTON, 0x100        /* the bit in status and enable */
	.set SLEEP_S5, 0x3400           /* SLP_EN with S5's type */

	.macro write8 port, value
	mov	$\port, %dx
	mov	$\value, %al
	out	%al, %dx
	.endm

	.macro write16 port, value
	mov	$\port, %dx
	mov	$\value, %ax
	out	%ax, %dx
	.endm

_start:
	ljmp	$0, $setup
setup:
	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	sti
	write8	UART+3, 0x80            /* divisor 1: 115200 baud */
	write8	UART, 1
	write8	UART+1, 0
	write8	UART+3, 3               /* 8 bits, no parity, one stop bit */
	write8	UART+4, 3
	write8	UART+2, 7               /* FIFOs on and empty */
	write8	0x442e, 0xa1            /* ACPI on; its fixed events then raise PM1_STATUS */
	write16	PM1_ENABLE, POWER_BUTTON
	mov	$hello, %si
	call	print_screen
	mov	$hello, %si
	call	print

sleep:
	sti
	hlt
serial:
	mov	$UART+5, %dx
	in	%dx, %al
	test	$1, %al
	jz	button
	mov	$UART, %dx
	in	%dx, %al
	mov	$commands, %si
find:
	cmpb	$0, (%si)
	je	echo
	cmp	%al, (%si)
	je	found
	add	$3, %si
	jmp	find
found:
	push	$serial                 /* a command that returns goes on reading */
	jmp	*1(%si)
echo:
	call	put
	jmp	serial

button:
	mov	$PM1_STATUS, %dx
	in	%dx, %ax
	test	$POWER_BUTTON, %ax
	jz	keyboard
	mov	$POWER_BUTTON, %ax      /* write one to clear */
	out	%ax, %dx
	mov	$pressed, %si
	call	print
keyboard:
	mov	$1, %ah
	int	$0x16
	jz	sleep
	xor	%ah, %ah
	int	$0x16
	push	%ax
	mov	$'K', %al
	call	put
	pop	%ax
	call	put
	jmp	sleep

count:
	incw	counter
	ret
show:
	mov	counter, %bx
	mov	$4, %cx
digit:
	rol	$4, %bx
	mov	%bl, %al
	and	$15, %al
	add	$'0', %al
	cmp	$'9', %al
	jbe	1f
	add	$'A'-'9'-1, %al
1:	call	put
	loop	digit
	ret
power_off:
	write16	PM1_CONTROL, SLEEP_S5
	ret
reset:
	mov	$0xfe, %al
	out	%al, $0x64
	ret
triple_fault:
	lidt	nothing
	int3
halt:
	cli
	hlt
	jmp	halt

/* One character to the serial port. The wait is bounded: a port whose other
 * end has no reader never becomes ready, and the guest must not hang on it. */
put:
	push	%ax
	push	%cx
	xor	%cx, %cx
	mov	$UART+5, %dx
1:	in	%dx, %al
	test	$0x20, %al
	loopz	1b
	pop	%cx
	pop	%ax
	mov	$UART, %dx
	out	%al, %dx
	ret

print:
	lodsb
	test	%al, %al
	jz	2f
	call	put
	jmp	print
2:	ret

print_screen:
	lodsb
	test	%al, %al
	jz	2b
	mov	$0x0e, %ah
	mov	$7, %bx
	int	$0x10
	jmp	print_screen

	.macro command name, handler
	.byte	\name
	.word	\handler
	.endm

commands:
	command	'+', count
	command	'=', show
	command	'q', power_off
	command	'r', reset
	command	't', triple_fault
	command	'h', halt
	.byte	0
hello:
	.asciz	"READY\r\n"
pressed:
	.asciz	"PWRBTN\r\n"
counter:
	.word	0
nothing:
	.word	0, 0, 0
	.org	510
	.word	0xaa55
