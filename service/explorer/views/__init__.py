"""The pages themselves: each gathers what its template shows."""
