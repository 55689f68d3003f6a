// Command check goes over the folder of a billed month with the independent checker and prints what disagrees.
//
//	go run ./conformance/check demo-out
//
// Exit status: 0 when everything agrees, 1 when something does not, 2 when it cannot read the folder.
package main

import (
	"context"
	"fmt"
	"os"

	"wattdue/conformance/checker"
)

func main() {
	if len(os.Args) != 2 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: check DIR")
		os.Exit(2)
	}
	month, err := checker.Outside().Read(context.Background(), os.Args[1])
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	}
	found := month.Check()
	for _, f := range found {
		fmt.Println(f)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d documents, %d bank files, %d journal entries, %d findings and %d rows of truth agree\n",
		len(month.Invoices), len(month.Bank), len(month.Journal.Entries), len(month.Found), len(month.Truth))
}
