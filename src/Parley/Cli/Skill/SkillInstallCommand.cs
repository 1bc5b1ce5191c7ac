using System.CommandLine;
using System.Text.Json;

namespace Parley.Cli.Skill;

/// <summary><c>parley skill install</c>: puts the skill into a project and adds the permissions that it needs.</summary>
internal sealed class SkillInstallCommand : ParleyCommand
{
    private readonly Argument<string> _folder = new("DIR")
    {
        Description = "The project's folder [default: this one]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _tools = new("--for")
    {
        Description = "Whose permissions to add, and where to show it the skill; may be repeated",
        HelpName = string.Join('|', SkillTool.All.Select(tool => tool.Name)),
    };

    private readonly Option<bool> _dryRun = new("--dry-run", "--print") { Description = "Show what would be done, and do nothing" };

    public SkillInstallCommand()
        : base(
            "install",
            "Put the skill into a project; rules that are there are never changed",
            new Example("parley skill install --for claude", "into this folder, with permissions for Claude Code"),
            new Example("parley skill install --for codex --for gemini ~/project", "for two tools"),
            new Example("parley skill install --for copilot --dry-run", "see first what would be added"))
    {
        _tools.AcceptOnlyFromAmong([.. SkillTool.All.Select(tool => tool.Name)]);
        Add(_folder);
        Add(_tools);
        Add(_dryRun);
        Add(CommonOptions.Json);
        OnRun((context, parsed) => Run(context, parsed.GetValue(_folder) ?? ".", parsed.GetValue(_tools) ?? [], parsed.GetValue(_dryRun)));
    }

    private static int Run(CommandContext context, string folder, string[] names, bool isDryRun)
    {
        var project = ProjectFolder.Open(folder);
        var tools = SkillTool.All.Where(tool => names.Contains(tool.Name)).ToArray();
        var plan = SkillPlan.Make(project, tools);
        if (!isDryRun)
        {
            ProjectFolder.Write(plan.Writes);
        }

        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(new SkillJson(project.FullPath, isDryRun, plan.Changes), CliJson.Compact.SkillJson));
        }
        else
        {
            Print(context, plan);
        }

        context.Terminal.Note((isDryRun, plan.Writes.Count, tools.Length) switch
        {
            (true, _, _) => "nothing was done",
            (_, 0, _) => "everything was there already",
            (_, _, 0) => $"no permissions were added; --for {string.Join('|', SkillTool.All.Select(tool => tool.Name))} does that",
            _ => "start the agent anew, so that it reads its configuration",
        });
        return 0;
    }

    private static void Print(CommandContext context, SkillPlan plan)
    {
        foreach (var change in plan.Changes)
        {
            context.Terminal.WriteLine($"{change.Action,-9}  {change.Path}");
            foreach (var added in change.Added ?? [])
            {
                context.Terminal.WriteLine($"           + {added}");
            }

            foreach (var kept in change.Kept ?? [])
            {
                context.Terminal.WriteLine($"           = {kept}");
            }
        }
    }
}

/// <summary>What <c>skill install --json</c> prints.</summary>
internal sealed record SkillJson(string Folder, bool DryRun, IReadOnlyList<SkillChange> Files);
