// Command ogen delivers a result with the client that ogen generates from the contract, in two steps: the
// signed file, then the result that names it. It prints the result's code.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"example.vn/client/client"
)

type key string

func (k key) Key(context.Context, client.OperationName) (client.Key, error) {
	return client.Key{Token: string(k)}, nil
}

func main() {
	ctx := context.Background()
	c, err := client.NewClient(os.Getenv("API"), key(os.Getenv("KEY")))
	if err != nil {
		log.Fatal(err)
	}
	actor, code := os.Getenv("ACTOR"), os.Getenv("DOSSIER")
	found, err := c.GetDossier(ctx, client.GetDossierParams{Actor: actor, Code: code})
	dossier, ok := found.(*client.DossierDetailHeaders)
	if err != nil || !ok || dossier.Response.Status != client.StatusProcessing {
		log.Fatalf("the dossier: %+v %v", found, err)
	}
	file, err := os.Open(os.Getenv("FILE"))
	if err != nil {
		log.Fatal(err)
	}
	sent, err := c.PostResultFile(ctx, client.PostResultFileReq{Data: file}, client.PostResultFileParams{
		Actor: actor, IdempotencyKey: "ogen-file", Code: code})
	kept, ok := sent.(*client.ResultFile)
	if err != nil || !ok {
		log.Fatalf("the file: %+v %v", sent, err)
	}
	day, err := time.Parse(time.DateOnly, os.Getenv("DAY"))
	if err != nil {
		log.Fatal(err)
	}
	answer, err := c.PostResult(ctx, &client.DeliverStoredResult{File: kept.ID, SHA256: kept.SHA256,
		Number: "12/OGEN", Name: "Trích lục", IssuedOn: day}, client.PostResultParams{
		Actor: actor, IdempotencyKey: "ogen-result", Code: code})
	result, ok := answer.(*client.ResultHeaders)
	if err != nil || !ok {
		log.Fatalf("the result: %+v %v", answer, err)
	}
	fmt.Println(result.Response.Code)
}
