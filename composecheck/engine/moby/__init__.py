"""What any engine of Moby's kind needs: Docker's own containers, and what Swarm makes of them."""
