using System.Text;
using Parley.Hub;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class HubLimitsTests
{
    public static TheoryData<string> Names => [.. HubLimits.All.Select(limit => limit.Name)];

    [Fact]
    public void The_defaults_are_within_their_ranges() => HubLimits.Check(Options());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_limit_is_set_by_the_text_that_prints_it(string name)
    {
        var limit = Limit(name);
        var options = Options();

        HubLimits.Apply(options, [$"{name}={limit.Format(limit.Max)}"]);

        Assert.Equal(limit.Max, limit.Read(options));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_beyond_the_range_is_refused_in_one_sentence_that_names_limit_value_and_range(string name)
    {
        var limit = Limit(name);
        var options = Options();
        var tooMuch = limit.Format(limit.Max + (limit.Kind == LimitKind.Duration ? 1000 : 1));
        HubLimits.Apply(options, [$"{name}={tooMuch}"]);

        var refusal = Assert.Throws<ParleyException>(() => HubLimits.Check(options));

        Assert.Equal($"The limit {name} is {tooMuch}, but must be {limit.Range}.", refusal.Message);
    }

    [Theory]
    [InlineData("no-such=1")]
    [InlineData("hop-limit")]
    [InlineData("hop-limit=")]
    [InlineData("hop-limit=-1")]
    [InlineData("hop-limit=99999999999999999999")]
    [InlineData("mailbox-bytes=many")]
    [InlineData("drain=3")]
    public void What_is_no_setting_is_a_usage_error(string setting)
    {
        var refusal = Assert.Throws<ParleyException>(() => HubLimits.Apply(Options(), [setting]));

        Assert.Equal(2, refusal.Row.Exit);
        Assert.Contains(setting.Split('=')[0], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_time_to_live_beyond_the_longest_is_refused()
    {
        var options = Options();
        HubLimits.Apply(options, ["default-ttl=2h", "max-ttl=1h"]);

        Assert.Throws<ParleyException>(() => HubLimits.Check(options));
    }

    [Fact]
    public void The_page_of_limits_is_the_table()
    {
        var path = Path.Combine(RepositoryFiles.Root, "docs", "hub-options.md");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, Page());
        }

        Assert.Equal(Page(), File.ReadAllText(path));
    }

    private static string Page()
    {
        var page = new StringBuilder(
            """
            # Limits of a hub

            Generated from `HubLimits` by the tests (`UPDATE_GOLDEN=1`). Each is set with `parley hub --limit NAME=VALUE`, as often as needed; `parley hub --print-config` prints
            what is in force and starts nothing. A value outside its range stops the start with one sentence that names the limit, the value and the range.

            | limit | default | range | what it bounds |
            |---|---|---|---|

            """);
        var options = Options();
        foreach (var limit in HubLimits.All)
        {
            page.Append($"| `{limit.Name}` | {limit.Format(limit.Read(options))} | {limit.Range} | {limit.Description} |\n");
        }

        return page.ToString();
    }

    private static HubLimit Limit(string name) => HubLimits.All.Single(limit => limit.Name == name);

    private static HubOptions Options() => new() { DataFolder = "/data" };
}
