CREATE TABLE assignments (
    tenant text NOT NULL,
    experiment text NOT NULL,
    shopper text NOT NULL,
    variant integer NOT NULL,
    assigned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, experiment, shopper)
);
