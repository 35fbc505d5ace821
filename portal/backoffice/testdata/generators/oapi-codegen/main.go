// Command oapi-codegen delivers a result with the client that oapi-codegen generates from the contract, in two
// steps: the signed file, then the result that names it. It prints the result's code.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"example.vn/client/client"

	"github.com/oapi-codegen/runtime/types"
)

func main() {
	ctx := context.Background()
	c, err := client.NewClientWithResponses(os.Getenv("API"),
		client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+os.Getenv("KEY"))
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	actor, code := os.Getenv("ACTOR"), os.Getenv("DOSSIER")
	found, err := c.GetDossierWithResponse(ctx, code, &client.GetDossierParams{Actor: actor})
	if err != nil || found.JSON200 == nil || found.JSON200.Status != client.StatusProcessing {
		log.Fatalf("the dossier: %+v %v", found, err)
	}
	file, err := os.Open(os.Getenv("FILE"))
	if err != nil {
		log.Fatal(err)
	}
	sent, err := c.PostResultFileWithBodyWithResponse(ctx, code,
		&client.PostResultFileParams{Actor: actor, IdempotencyKey: "oapi-file"}, "application/pdf", file)
	if err != nil || sent.JSON200 == nil {
		log.Fatalf("the file: %+v %v", sent, err)
	}
	day, err := time.Parse(time.DateOnly, os.Getenv("DAY"))
	if err != nil {
		log.Fatal(err)
	}
	answer, err := c.PostResultWithResponse(ctx, code,
		&client.PostResultParams{Actor: actor, IdempotencyKey: "oapi-result"},
		client.DeliverStoredResult{File: sent.JSON200.Id, Sha256: sent.JSON200.Sha256, Number: "12/OAPI",
			Name: "Trích lục", IssuedOn: types.Date{Time: day}})
	if err != nil || answer.JSON200 == nil {
		log.Fatalf("the result: %+v %v", answer, err)
	}
	fmt.Println(answer.JSON200.Code)
}
