package meter

// makerOf tells who built the meter, as far as the record says.
func makerOf(m Message) (manufacturer, model string) {
	return clean(m.Maker.Vendor), clean(m.Maker.Model)
}
