using System.Globalization;
using Parley.Hub.Connections.Schedules;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class CronExpressionTests
{
    [Theory]
    [InlineData("*/15 * * * *", "2030-01-02T12:01:00Z", "2030-01-02T12:15:00Z")]
    [InlineData("0 9 * * 1-5", "2030-01-04T09:00:00Z", "2030-01-07T09:00:00Z")]
    [InlineData("0 9 * * mon-FRI", "2030-01-04T09:00:00Z", "2030-01-07T09:00:00Z")]
    [InlineData("30 4 1,15 * 5", "2030-01-02T00:00:00Z", "2030-01-04T04:30:00Z")]
    [InlineData("30 4 */10 * 5", "2030-01-02T00:00:00Z", "2030-01-11T04:30:00Z")]
    [InlineData("0 0 29 2 *", "2028-03-01T00:00:00Z", "2032-02-29T00:00:00Z")]
    [InlineData("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z")]
    [InlineData("0 0 31 * *", "2030-01-31T00:00:00Z", "2030-03-31T00:00:00Z")]
    [InlineData("5/20 * * * *", "2030-01-02T12:25:00Z", "2030-01-02T12:45:00Z")]
    [InlineData("0 0 * * 7", "2030-01-02T00:00:00Z", "2030-01-06T00:00:00Z")]
    [InlineData("@weekly", "2030-01-02T00:00:00Z", "2030-01-06T00:00:00Z")]
    [InlineData("  0   0 1 DEC\t*  ", "2030-01-02T00:00:00Z", "2030-12-01T00:00:00Z")]
    public void The_next_time_is_found(string text, string after, string expected) =>
        Assert.Equal(At(expected), CronExpression.Parse(text).Next(At(after), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 8")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("1,,2 * * * *")]
    [InlineData("+1 * * * *")]
    [InlineData("0 0 30 2 *")]
    [InlineData("@often")]
    public void What_means_no_time_is_refused(string text)
    {
        var refusal = Assert.Throws<ParleyException>(() => CronExpression.Parse(text));

        Assert.Equal((ErrorCode.InvalidArgument, "cron_expression"), (refusal.Code, refusal.Field));
    }

    // In Berlin clocks go from 02:00 to 03:00 on 2030-03-31, and from 03:00 back to 02:00 on 2030-10-27.
    [Theory]
    [InlineData("30 2 * * *", "2030-03-30T01:30:00Z", "2030-03-31T01:00:00Z,2030-04-01T00:30:00Z")]
    [InlineData("0,30 2 * * *", "2030-03-30T01:30:00Z", "2030-03-31T01:00:00Z,2030-04-01T00:00:00Z")]
    [InlineData("*/30 2 * * *", "2030-03-30T01:30:00Z", "2030-04-01T00:00:00Z")]
    [InlineData("0 * * * *", "2030-03-31T00:00:00Z", "2030-03-31T01:00:00Z,2030-03-31T02:00:00Z")]
    [InlineData("30 2 * * *", "2030-10-26T00:30:00Z", "2030-10-27T00:30:00Z,2030-10-28T01:30:00Z")]
    [InlineData("*/30 2 * * *", "2030-10-26T23:59:00Z", "2030-10-27T00:00:00Z,2030-10-27T00:30:00Z,2030-10-27T01:00:00Z,2030-10-27T01:30:00Z,2030-10-28T01:00:00Z")]
    [InlineData("0 * * * *", "2030-10-27T00:00:00Z", "2030-10-27T01:00:00Z,2030-10-27T02:00:00Z")]
    [InlineData("0 3 * * *", "2030-10-26T01:00:00Z", "2030-10-27T02:00:00Z")]
    public void When_clocks_change_times_of_the_day_run_once_and_intervals_as_time_goes_by(string text, string after, string expected)
    {
        var (cron, zone, at) = (CronExpression.Parse(text), CronExpression.Zone("Europe/Berlin"), At(after));
        var found = new List<DateTimeOffset>();
        foreach (var _ in expected.Split(','))
        {
            found.Add(at = cron.Next(at, zone)!.Value);
        }

        Assert.Equal(expected.Split(',').Select(At), found);
    }

    [Theory]
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2030-10-05T15:29:00Z", "2030-10-05T15:30:00Z")]
    [InlineData("America/Havana", "30 0 * * *", "2030-03-10T04:59:00Z", "2030-03-10T05:00:00Z")]
    [InlineData("Pacific/Apia", "0 12 30 12 *", "2030-12-29T22:00:00Z", "2030-12-29T23:00:00Z")]
    [InlineData("Asia/Kathmandu", "0 9 * * *", "2030-01-01T00:00:00Z", "2030-01-01T03:15:00Z")]
    public void Odd_zones_are_zones_too(string zone, string text, string after, string expected) =>
        Assert.Equal(At(expected), CronExpression.Parse(text).Next(At(after), CronExpression.Zone(zone)));

    [Fact]
    public void A_zone_that_nobody_knows_is_refused() =>
        Assert.Equal("time_zone", Assert.Throws<ParleyException>(() => CronExpression.Zone("Europe/Atlantis")).Field);

    // Each minute of four days around a change, looked at one by one.
    [Fact]
    public void An_interval_runs_at_each_moment_whose_clock_fits_and_at_no_other() => Fuzz.Run(
        5,
        50,
        random => ($"*/{random.Next(1, 30)} {Field(random, 24)} * * *", random.Next(2) == 0 ? "2030-03-29T23:00:00Z" : "2030-10-25T22:00:00Z", random.Next(2) == 0 ? "Europe/Berlin" : "America/New_York"),
        sample =>
        {
            var (cron, zone, start) = (CronExpression.Parse(sample.Item1), CronExpression.Zone(sample.Item3), At(sample.Item2));
            var fields = sample.Item1.Split(' ');
            var (minute, hour) = (CronField.Minute(fields[0]), CronField.Hour(fields[1]));
            var expected = Enumerable.Range(1, 4 * 1440).Select(number => start.AddMinutes(number))
                .Where(at => TimeZoneInfo.ConvertTime(at, zone) is var local && minute.Has(local.Minute) && hour.Has(local.Hour)).ToList();

            var found = new List<DateTimeOffset>();
            for (var at = cron.Next(start, zone); at <= start.AddDays(4); at = cron.Next(at.Value, zone))
            {
                found.Add(at.Value);
            }

            Assert.Equal(expected, found);
        });

    [Fact]
    public void Garbage_is_refused_and_nothing_else_happens() => Fuzz.Run(
        17,
        Fuzz.Count,
        random => System.Text.Encoding.Latin1.GetString(Fuzz.Mutate(random, "*/5 0-12/2 1,15 JAN-MAR 1-5"u8)),
        text =>
        {
            try
            {
                Assert.NotNull(CronExpression.Parse(text).Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc));
            }
            catch (ParleyException refusal)
            {
                Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
            }
        });

    private static string Field(Random random, int below) => random.Next(3) switch
    {
        0 => "*",
        1 => random.Next(below).ToString(CultureInfo.InvariantCulture),
        _ => $"0-{random.Next(1, below)}/2",
    };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
