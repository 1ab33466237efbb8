-- Which steps of the job queue's own schema this database has had.
select s.name from foundation.queue_step s
