package main

import (
	"context"

	"wattdue/dev/simulate"
	"wattdue/jobs"
)

// loadWorld loads the master data of a simulated provider. Loading it again changes nothing.
func (a *app) loadWorld(ctx context.Context, w *simulate.World) error {
	_, err := a.LoadMasterData(ctx, w.MasterData(), jobs.Loading{Actor: "simulation", Source: "simulation"})
	return err
}
