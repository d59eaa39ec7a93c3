"""Tags of the committee's templates."""
