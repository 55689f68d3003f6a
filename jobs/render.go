package jobs

import (
	"context"
	"fmt"

	"wattdue/jobs/batch"
	"wattdue/pdf"
	"wattdue/sql/store"
)

// render draws the PDF of every document and puts it into the archive, once.
var render = Stage{
	Name: "render", Queue: QueueDocuments, Size: 20,
	Plan: func(ctx context.Context, _ *Env, tx *store.Tx, r batch.Run, size int) ([]batch.Span, error) {
		bounds, err := tx.DocumentBounds(ctx, r.Tenant, r.ID, size)
		return batch.Spans(bounds), err
	},
	Work: workRender,
}

func workRender(ctx context.Context, e *Env, t Task) (Counts, error) {
	rows, err := t.Tx.Unrendered(ctx, t.Run.Tenant, t.Run.ID, t.Chunk.Span.Lo, t.Chunk.Span.Hi)
	if err != nil {
		return nil, err
	}
	renderer, err := e.renderer()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		document, err := row.Document()
		if err != nil {
			return nil, err
		}
		who, err := e.thaw(ctx, t.Run.Tenant, row.PartyNo, row.Sealed)
		if err != nil {
			return nil, err
		}
		bytes, err := renderer.Render(document, pdf.Recipient{
			Name: who.Party.Name, Company: who.Party.Company, Address: who.Party.Address, VATID: who.Party.VATID,
		})
		if err != nil {
			return nil, fmt.Errorf("document %s: %w", row.Number, err)
		}
		a := store.Artefact{Kind: "pdf", Owner: row.ID, MediaType: "application/pdf"}
		if err := e.Vault.PutArtefact(ctx, t.Tx, t.Run.Tenant, partySubject(row.PartyNo), a, bytes); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return Counts{"pdfs": int64(len(rows))}, nil
}
