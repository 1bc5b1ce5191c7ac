using Parley.Benchmarks;

namespace Parley.Tests.Benchmarks;

public sealed class BenchOptionsTests
{
    [Fact]
    public void Scenarios_and_options_may_be_mixed()
    {
        string[] arguments = ["rtt", "--peers", "nats, redis", "--runs", "3", "throughput", "--seconds", "1.5", "--json"];

        var options = BenchOptions.Parse(arguments);

        Assert.Equal(["rtt", "throughput"], options.Scenarios);
        Assert.Equal(["nats", "redis"], options.Peers);
        Assert.Equal((3, TimeSpan.FromSeconds(1.5), true), (options.Runs, options.RunLength, options.AsJson));
    }

    [Theory]
    [InlineData("--runs", "0")]
    [InlineData("--runs", "many")]
    [InlineData("--seconds", "61")]
    [InlineData("--agents", "-1")]
    [InlineData("--what", "1")]
    public void Values_out_of_bounds_and_unknown_options_are_refused(string name, string value)
    {
        string[] arguments = ["rtt", name, value];

        var parse = () => BenchOptions.Parse(arguments);

        Assert.Throws<FormatException>(parse);
    }

    [Fact]
    public void An_option_without_its_value_is_refused()
    {
        string[] arguments = ["rtt", "--runs"];

        var parse = () => BenchOptions.Parse(arguments);

        Assert.Throws<FormatException>(parse);
    }
}
