using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Testing;

namespace Parley.Tests.Skill;

public sealed partial class SkillTextTests
{
    private static readonly string[] _scripts =
    [
        "a2a-host-connect", "a2a-join-connect", "a2a-leave", "a2a-listen", "a2a-loop", "a2a-ping", "a2a-send", "a2a-set-headless", "a2a-supervisor", "a2a-wait-message", "check-remote",
    ];

    // Those that a person decides about, or that start any command.
    private static readonly string[] _asked = ["a2a-leave", "a2a-set-headless", "a2a-supervisor"];

    public static TheoryData<string> Templates => ["claude.json", "gemini.json", "codex.rules", "copilot.json"];

    [Fact]
    public void The_eleven_scripts_are_there() =>
        Assert.Equal(_scripts, RepositoryFiles.List("skill/scripts", "*.sh").Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => name != "a2a-common"));

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_allows_the_scripts_but_those_that_a_person_decides_about(string template)
    {
        var text = RepositoryFiles.Read("skill/settings/" + template);
        if (template.EndsWith(".json", StringComparison.Ordinal))
        {
            JsonDocument.Parse(text).Dispose();
        }

        var named = ScriptName().Matches(text).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);

        Assert.Equal(_scripts.Except(_asked), named);
    }

    [Fact]
    public void Copilots_patterns_fit_the_commands_and_nothing_longer()
    {
        using var template = JsonDocument.Parse(RepositoryFiles.Read("skill/settings/copilot.json"));
        var patterns = template.RootElement.GetProperty("chat.tools.terminal.autoApprove").EnumerateObject().Select(rule => new Regex(rule.Name.Trim('/').Replace("\\/", "/", StringComparison.Ordinal))).ToArray();

        Assert.Contains(patterns, pattern => pattern.IsMatch("bash .agents/skills/parley/scripts/a2a-loop.sh host --stdin"));
        Assert.DoesNotContain(patterns, pattern => pattern.IsMatch("bash .agents/skills/parley/scripts/a2a-loop.sh.evil"));
        Assert.DoesNotContain(patterns, pattern => pattern.IsMatch("bash -c x; bash .agents/skills/parley/scripts/a2a-loop.sh"));
    }

    [Fact]
    public void Pages_name_scripts_that_exist()
    {
        var named = new[] { "SKILL.md", "UNATTENDED.md" }.SelectMany(page => AnyScript().Matches(RepositoryFiles.Read("skill/" + page)).Select(match => match.Groups[1].Value)).ToHashSet();

        Assert.Empty(named.Except(_scripts).Except(["NAME"]));
        Assert.Empty(_scripts.Except(named));
    }

    [Fact]
    public void Older_shells_understand_the_scripts()
    {
        var lines = RepositoryFiles.List("skill/scripts", "*.sh").SelectMany(path => RepositoryFiles.Read(path).Split('\n').Select(line => $"{path}: {line}"));

        Assert.Empty(lines.Where(line => NewerShell().IsMatch(line)));
    }

    [Fact]
    public void No_secret_is_an_argument_of_curl()
    {
        var calls = RepositoryFiles.List("skill/scripts", "*.sh").SelectMany(path => RepositoryFiles.Read(path).Split('\n')).Where(line => line.Contains("curl -", StringComparison.Ordinal));

        var call = Assert.Single(calls);
        Assert.Equal("answer=$(curl -K <(curl_config \"$method\" \"$path\") --max-time \"$seconds\" -w '\\n%{http_code}' \"$@\")", call.Trim());
        Assert.DoesNotContain(RepositoryFiles.List("skill/scripts", "*.sh"), path => RepositoryFiles.Read(path).Contains("-H \"Auth", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"scripts\\*/([a-z0-9-]+)\\*\.sh")]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"([A-Za-z0-9-]+)\.sh\b")]
    private static partial Regex AnyScript();

    // Associative arrays, case changing, mapfile, negative lengths, named references, |&, &>>, ;;&, [[ -v, wait -n, {a..b..c}, %(time)T: bash 4 and newer.
    [GeneratedRegex(@"declare -[A-Za-z]*[Ang]|local -[An]|typeset -A|\$\{\w+(,,?|\^\^?|@\w)|mapfile|readarray|\|&|&>>|;;?&|\[\[? -v |wait -n|coproc|EPOCHSECONDS|BASHPID|\$\{\w+:[^}]*:-|%\(")]
    private static partial Regex NewerShell();
}
