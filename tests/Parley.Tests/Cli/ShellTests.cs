using System.CommandLine;
using System.Text;
using Parley.Cli;
using Parley.Output;
using Parley.Testing;

namespace Parley.Tests.Cli;

public sealed class ShellTests : IDisposable
{
    private readonly CommandLine _line = new();

    public static TheoryData<string> Commands => [.. Walk(Tree()).Select(CommandTree.PathOf)];

    [Theory]
    [InlineData("nope")]
    [InlineData("whoami", "--nope")]
    [InlineData("completion", "tcsh")]
    [InlineData("@file")]
    public async Task A_line_that_does_not_parse_is_a_usage_error_on_standard_error(params string[] arguments)
    {
        var outcome = await _line.RunAsync(arguments);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.All(outcome.Error.TrimEnd().Split('\n'), line => Assert.StartsWith("parley: ", line));
    }

    [Fact]
    public async Task A_refusal_prints_one_line_and_the_catalogues_exit_code()
    {
        var outcome = await _line.RunAsync("whoami");

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("parley: This home has not joined a hub.", outcome.Error);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_of_each_command_is_the_recorded_one(string path)
    {
        var outcome = await _line.RunAsync([.. path.Split(' ').Skip(1), "--help"]);

        Assert.Equal(0, outcome.ExitCode);
        Golden.Verify($"help-{path.Replace(' ', '-')}", outcome.Output);
    }

    [Fact]
    public void Each_command_has_examples()
    {
        var without = Walk(Tree()).OfType<ParleyCommand>().Where(command => command.Examples.Count == 0).Select(CommandTree.PathOf);

        Assert.Empty(without);
    }

    [Fact]
    public void No_command_takes_two_options_of_one_name()
    {
        var twice = Walk(Tree()).SelectMany(command => OptionsOf(command).GroupBy(name => name).Where(names => names.Count() > 1).Select(names => $"{CommandTree.PathOf(command)} {names.Key}"));

        Assert.Empty(twice);

        static IEnumerable<string> OptionsOf(Command command) => Inherited(command).Concat(command.Options).SelectMany(option => option.Aliases.Append(option.Name));

        static IEnumerable<Option> Inherited(Command command) =>
            command.Parents.OfType<Command>().SelectMany(parent => Inherited(parent).Concat(parent.Options.Where(option => option.Recursive)));
    }

    [Fact]
    public void Examples_parse()
    {
        var tree = Tree();
        var lines = Walk(tree).OfType<ParleyCommand>().SelectMany(command => command.Examples).Select(example => example.Line);

        foreach (var line in lines.Where(line => line.StartsWith("parley ", StringComparison.Ordinal)))
        {
            var errors = tree.Parse(line["parley ".Length..].Split('>', '|')[0]).Errors;
            Assert.True(errors.Count == 0, $"{line}: {string.Join(", ", errors.Select(error => error.Message))}");
        }
    }

    [Fact]
    public async Task The_bash_script_completes_commands_and_options()
    {
        var script = (await _line.RunAsync("completion", "bash")).Output;
        var probe = script + "\nCOMP_WORDS=(parley who); COMP_CWORD=1; _parley; echo \"${COMPREPLY[@]}\"\nCOMP_WORDS=(parley whoami --j); COMP_CWORD=2; _parley; echo \"${COMPREPLY[@]}\"\n";

        var outcome = await RealProcess.RunAsync(Requires.Program("bash"), ["-s"], probe);

        Assert.Equal("whoami\n--json\n", outcome.Output);
    }

    public void Dispose() => _line.Dispose();

    private static RootCommand Tree()
    {
        using var terminal = new Terminal(Stream.Null, Stream.Null, Stream.Null, TerminalTraits.None);
        return CommandTree.BuildAll(terminal, _ => null);
    }

    private static IEnumerable<Command> Walk(Command command) => command.Subcommands.SelectMany(Walk).Prepend(command);
}
