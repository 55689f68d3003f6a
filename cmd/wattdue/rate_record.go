package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"wattdue/rating/ocpi"
)

// extensions by their names on the command line.
var extensions = map[string]ocpi.Extensions{"as-given": ocpi.AsGiven, "agreed": ocpi.Agreed, "standard": ocpi.Standard}

// rateRecord prices a charge record by the tariff of its operator.
func (r *rateCmd) rateRecord(con *terminal) error {
	record, tariffs, err := r.record(con)
	if err != nil {
		return err
	}
	options, err := r.options(record)
	if err != nil {
		return err
	}
	priced, err := ocpi.Price(record, tariffs, options)
	if err != nil {
		return fmt.Errorf("%s: %w", baseName(r.CDR), err)
	}
	if r.JSON {
		return printJSON(con.out, priced.View())
	}
	return printPriced(con.out, priced)
}

func (r *rateCmd) record(con *terminal) (ocpi.CDR, []ocpi.Tariff, error) {
	f, err := readTariffFile(con, r.CDR)
	if err != nil {
		return ocpi.CDR{}, nil, err
	}
	record, err := ocpi.ParseCDR(f.Data)
	if err != nil {
		return record, nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	var tariffs []ocpi.Tariff
	for _, name := range r.OCPITariff {
		if f, err = readTariffFile(con, name); err != nil {
			return record, nil, err
		}
		t, err := ocpi.ParseTariff(f.Data)
		if err != nil {
			return record, nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		tariffs = append(tariffs, t)
	}
	if len(tariffs) == 0 && len(record.Tariffs) == 0 {
		return record, nil, usageError{fmt.Errorf("%s holds no tariff; add --ocpi-tariff FILE", f.Name)}
	}
	return record, tariffs, nil
}

// options takes the zone that was given, else the one the record states.
func (r *rateCmd) options(record ocpi.CDR) (ocpi.Options, error) {
	o := ocpi.Options{Extensions: extensions[r.Extensions]}
	name := r.Timezone
	if name == "" {
		name = record.TimeZone
	}
	if name == "" {
		return o, nil
	}
	zone, err := time.LoadLocation(name)
	switch {
	case err == nil && name != "Local":
		o.Zone = zone
	case r.Timezone != "":
		return o, usageError{fmt.Errorf("--timezone %q is no time zone; want an IANA name such as Europe/Berlin", name)}
	default:
		return o, fmt.Errorf("%s: location.time_zone %q is no time zone; give it with --timezone", baseName(r.CDR), name)
	}
	return o, nil
}

// printPriced shows a recomputed record: which element priced what, and how it compares with what is stated.
func printPriced(out io.Writer, p ocpi.Priced) error {
	v := p.View()
	_, _ = fmt.Fprintf(out, "record %s, OCPI %s, in %s\n\n", orDash(v.ID), v.Version, v.Currency)
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "DIMENSION\tTARIFF\tELEMENT\tMEASURED\tBILLED\tPRICE\tVAT %\tWITHOUT VAT\tWITH VAT")
	for _, l := range v.Lines {
		name, element := string(l.Dimension), fmt.Sprint(l.Element)
		if l.Label != "" {
			name, element = l.Label, "-"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, orDash(l.Tariff), element, orDash(l.Measured), orDash(l.Billed),
			orDash(l.Unit), known(l.VAT), known(l.Amount.ExclVAT), known(l.Amount.InclVAT))
	}
	_, _ = fmt.Fprintf(w, "total\t\t\t\t\t\t\t%s\t%s\n", known(v.Total.Exact.ExclVAT), known(v.Total.Exact.InclVAT))
	_, _ = fmt.Fprintf(w, "stated\t\t\t\t\t\t\t%s\t%s\n", known(v.Stated.ExclVAT), known(v.Stated.InclVAT))
	_, _ = fmt.Fprintf(w, "difference\t\t\t\t\t\t\t%s\t%s\n", known(v.Difference.ExclVAT), known(v.Difference.InclVAT))
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range v.Trace {
		for _, c := range t.Choices {
			if c.Rejected == 0 {
				continue
			}
			won := "no element"
			if c.Element > 0 {
				won = fmt.Sprintf("element %d", c.Element)
			}
			_, _ = fmt.Fprintf(out, "%s  %s: %s, not element %d: %s\n", stampOf(t.Start), c.Dimension, won, c.Rejected, c.Reason)
		}
	}
	for _, f := range p.Findings {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	compared, err := ocpi.Compare(p.Stated, p.Total, ocpi.Amount{}, ocpi.DefaultTolerance)
	if err != nil {
		return err
	}
	verdict := "what is stated agrees with the tariff, within 0.02 or 0.5 %"
	switch {
	case !compared.Difference.ExclVAT.Known && !compared.Difference.InclVAT.Known:
		verdict = "the record states no total to compare with"
	case compared.Dispute:
		verdict = "what is stated differs from the tariff by more than 0.02 and 0.5 %: ask the operator"
	}
	_, err = fmt.Fprintln(out, verdict)
	return err
}

func known(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}
