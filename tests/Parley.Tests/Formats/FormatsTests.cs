using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Tests.Formats;

public sealed class FormatsTests
{
    [Theory]
    [InlineData("1ms", true)]
    [InlineData("30d", true)]
    [InlineData("0s", false)]
    [InlineData("0.5ms", false)]
    [InlineData("721h", false)]
    public void A_wait_is_one_that_a_timer_holds(string text, bool isOne)
    {
        var refusal = Record.Exception(() => { DurationText.ParseWait(text, "--timeout"); });

        Assert.Equal(isOne ? null : "--timeout is 1ms to 30d.", refusal?.Message);
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("5m", 300_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("0s", 0)]
    public void A_duration_is_a_number_and_a_unit(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("1,5s")]
    [InlineData("5w")]
    [InlineData("99999999999d")]
    public void Anything_else_is_no_duration(string text) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => DurationText.Parse(text)).Code);

    [Theory]
    [InlineData("90s")]
    [InlineData("1d")]
    [InlineData("25h")]
    [InlineData("500ms")]
    public void A_duration_is_written_in_its_shortest_exact_form(string text) => Assert.Equal(text, DurationText.Format(DurationText.Parse(text)));

    [Theory]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("64KiB", 65_536)]
    [InlineData("1MiB", 1_048_576)]
    [InlineData("2GiB", 2_147_483_648)]
    public void A_size_is_a_whole_number_and_perhaps_a_unit(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("KiB")]
    [InlineData("1.5MiB")]
    [InlineData("-1")]
    [InlineData("1 KiB")]
    [InlineData("1KB")]
    [InlineData("9999999999999GiB")]
    public void Anything_else_is_no_size(string text) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => SizeText.Parse(text)).Code);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1048576, "1 MiB")]
    public void A_size_is_written_for_people(long bytes, string text) => Assert.Equal(text, SizeText.Format(bytes));
}
