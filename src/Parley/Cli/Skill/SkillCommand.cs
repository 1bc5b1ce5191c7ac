namespace Parley.Cli.Skill;

/// <summary><c>parley skill</c>: what teaches a coding agent to sit in rooms with bash and curl.</summary>
internal sealed class SkillCommand : ParleyCommand
{
    public SkillCommand()
        : base(
            "skill",
            "The skill that lets a coding agent talk in rooms with bash and curl",
            new Example("parley skill install --for claude", "into the project in this folder, with the permissions that it needs")) =>
        Add(new SkillInstallCommand());
}
