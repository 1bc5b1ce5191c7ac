using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.Identity;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> _labels = new() { ["os"] = "linux", ["site"] = "berlin" };

    [Theory]
    [InlineData("os=linux", true)]
    [InlineData("os=linux,site=berlin", true)]
    [InlineData("os = linux , site = berlin", true)]
    [InlineData("os=linux,site=paris", false)]
    [InlineData("os!=windows", true)]
    [InlineData("os!=linux", false)]
    [InlineData("gpu!=yes", true)]
    [InlineData("gpu=yes", false)]
    public void Every_term_must_fit(string selector, bool matches) => Assert.Equal(matches, LabelSelector.Parse(selector).Matches(_labels));

    [Theory]
    [InlineData("")]
    [InlineData("os")]
    [InlineData("=linux")]
    [InlineData("!=linux")]
    [InlineData("os=linux,")]
    public void Anything_else_is_refused(string selector) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => LabelSelector.Parse(selector)).Code);
}
