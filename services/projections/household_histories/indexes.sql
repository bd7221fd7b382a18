create index mentions_household on mentions (household);
create index links_household on links (household);
create index links_other on links (other);
