using Parley.Protocol.Grpc;

namespace Parley.Tests.Grpc;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData(0.001, "1000u")]
    [InlineData(99.999_999, "99999999u")]
    [InlineData(100, "100000m")]
    [InlineData(100_000, "100000S")]
    [InlineData(86_400_000, "86400000S")]
    public void A_limit_is_written_in_the_finest_unit_that_fits(double seconds, string expected) =>
        Assert.Equal(expected, GrpcTimeout.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_limit_is_rounded_up_so_that_the_server_never_gives_up_first() =>
        Assert.Equal("2u", GrpcTimeout.Format(TimeSpan.FromTicks(11)));

    [Fact]
    public void A_limit_that_has_passed_is_still_a_valid_header() =>
        Assert.Equal("1n", GrpcTimeout.Format(TimeSpan.FromSeconds(-5)));

    [Fact]
    public void The_longest_limit_fits_eight_digits()
    {
        var text = GrpcTimeout.Format(TimeSpan.MaxValue);

        Assert.True(text.Length <= 9);
        Assert.True(GrpcTimeout.TryParse(text, out _));
    }

    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("600n", 6)]
    [InlineData("00000001S", 10_000_000)]
    public void Every_unit_is_read(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Fact]
    public void A_limit_beyond_the_clock_is_its_maximum()
    {
        Assert.True(GrpcTimeout.TryParse("99999999H", out var timeout));
        Assert.True(timeout > TimeSpan.FromDays(1_000_000));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1 S")]
    [InlineData("1.5S")]
    [InlineData("1s")]
    [InlineData("123456789S")]
    public void What_breaks_the_rule_is_refused(string? text) => Assert.False(GrpcTimeout.TryParse(text, out _));
}
