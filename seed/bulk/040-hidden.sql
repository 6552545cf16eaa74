-- Pledges that do not count for the page of their backer, and who has made how many listed projects.
create unlogged table seed.hidden as
select backer_id from pledges
where status = 'canceled' or anonymous or project_id in (select id from seed.plan where status = 'suspended');
create index on seed.hidden (backer_id);

create unlogged table seed.creators as
select creator_id, count(*) as projects from seed.plan where is_listed(status) group by creator_id;
create index on seed.creators (creator_id);
analyze seed.hidden, seed.creators;
