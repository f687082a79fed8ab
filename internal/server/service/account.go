package service

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
)

// Account has the operations on the settings of the account.
type Account struct{ core }

// Describe returns the settings.
func (a *Account) Describe(context.Context, *sdk.DescribeAccountConfigurationInput) (*sdk.DescribeAccountConfigurationOutput, error) {
	out := &sdk.DescribeAccountConfigurationOutput{AccountConfiguration: &types.AccountConfiguration{}}
	if r := a.records.Account(); r != nil {
		out.AccountConfiguration = r.Doc
	}
	return out, nil
}

// Update replaces the settings.
func (a *Account) Update(ctx context.Context, in *sdk.UpdateAccountConfigurationInput) (*sdk.UpdateAccountConfigurationOutput, error) {
	doc := deref(in.AccountConfiguration)
	err := a.records.Update(ctx, func(tx *record.Tx) error {
		tx.PutAccount(&record.Account{Doc: &doc})
		return nil
	})
	return &sdk.UpdateAccountConfigurationOutput{AccountConfiguration: &doc}, err
}
