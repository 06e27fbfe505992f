"""What people do: funnel, retention, attribution, lifetime value, growth, the journey."""
