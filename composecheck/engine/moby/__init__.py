"""What any engine of Moby's kind needs, Docker's as well as Swarm's."""
