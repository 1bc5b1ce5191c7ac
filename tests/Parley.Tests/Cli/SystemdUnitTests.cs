using Parley.Cli.Service;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Cli;

public sealed class SystemdUnitTests : IDisposable
{
    private readonly CommandLine _line = new();

    [Theory]
    [InlineData("plain-0.1_a/b:c=d,e@f+g", "plain-0.1_a/b:c=d,e@f+g")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("50% of $HOME", "\"50%% of $$HOME\"")]
    [InlineData("a \"quoted\" \\ slash", "\"a \\\"quoted\\\" \\\\ slash\"")]
    [InlineData(";", "\";\"")]
    [InlineData("line\nend\ttab\u001b", "\"line\\nend\\ttab\\x1b\"")]
    public void An_argument_is_quoted_as_systemd_reads_it(string argument, string expected) => Assert.Equal(expected, SystemdText.Argument(argument));

    [Fact]
    public void In_a_list_a_dollar_is_a_dollar() => Assert.Equal("\"/srv/$x 100%%\"", SystemdText.Word("/srv/$x 100%"));

    [Fact]
    public void A_path_with_a_line_end_cannot_add_a_setting() => Assert.Throws<ParleyException>(() => SystemdText.Line("/srv\nExecStartPre=/bin/false"));

    [Fact]
    public async Task A_hub_of_the_machine_may_write_its_data_and_nothing_else()
    {
        var printed = await _line.RunAsync("service", "install", "hub", "--system", "--run-as", "parley", "--program", "/usr/bin/parley", "--print", "--", "--tls", "self");

        Golden.Verify("systemd-hub-system", printed.Output);
    }

    [Fact]
    public async Task A_listener_that_runs_programs_is_not_kept_from_what_they_need()
    {
        var printed = await _line.RunAsync("service", "install", "listen", "--program", "/usr/bin/parley", "--print", "--", "--exec", "/bin/sh -c 'echo $1'");

        Assert.Contains("ExecStart=/usr/bin/parley a2a listen --exec \"/bin/sh -c 'echo $$1'\"\n", printed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NoNewPrivileges", printed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_after_a_second_dash_dash_counts_as_one_that_runs_programs()
    {
        var printed = await _line.RunAsync("service", "install", "listen", "--program", "/usr/bin/parley", "--print", "--", "--share", "--", "python3", "agent.py");

        Assert.Contains("listen --share -- python3 agent.py\n", printed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NoNewPrivileges", printed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_without_programs_is_confined()
    {
        var printed = await _line.RunAsync("service", "install", "listen", "--program", "/usr/bin/parley", "--print");

        Assert.Contains("NoNewPrivileges=yes\n", printed.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string[]> WrongLines =>
    [
        new TheoryDataRow<string[]>(["service", "install", "hub", "--print", "--", "--no-such"]),
        new TheoryDataRow<string[]>(["service", "install", "hub", "--print", "--", "backup", "x"]),
        new TheoryDataRow<string[]>(["service", "install", "hub", "--print", "--system"]),
        new TheoryDataRow<string[]>(["service", "install", "hub", "--print", "--run-as", "parley"]),
        new TheoryDataRow<string[]>(["service", "install", "hub", "--print", "--name", "../x"]),
        new TheoryDataRow<string[]>(["service", "install", "listen", "--print", "--", "--http", "http://user:secret@127.0.0.1/"]),
        new TheoryDataRow<string[]>(["service", "install", "listen", "--print", "--", "--exec", "a", "--allow", "pk_0123"]),
        new TheoryDataRow<string[]>(["service", "install", "club", "--print"]),
    ];

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task What_cannot_run_as_a_service_is_a_usage_error_before_anything_is_written(string[] line)
    {
        var outcome = await _line.RunAsync(line);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.DoesNotContain("secret", outcome.Error.Replace("like a secret", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    public void Dispose() => _line.Dispose();
}
